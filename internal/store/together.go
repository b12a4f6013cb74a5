package store

import (
	"context"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/gather"
)

// mostTogether is how many scripts one trip carries.
const mostTogether = 64

// Together wraps a client for asynq's servers, which send each script as a trip
// of its own: what they ask while trips are under way goes with the next one,
// and under load each waits some milliseconds for others; the tasks of a queue
// that are done go in one run. Everybody hears the answer to what they asked.
func Together(client redis.UniversalClient) redis.UniversalClient {
	t := &together{UniversalClient: client}
	t.asks = gather.New(mostTogether, t.fly)
	return t
}

type together struct {
	redis.UniversalClient
	asks *gather.Gathering[*redis.Cmd, *redis.Cmd]
}

func (t *together) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	cmd, err := t.asks.Do(ctx, "", evalsha(ctx, sha, keys, args))
	if err != nil { // the trip may write into the other one still
		cmd = redis.NewCmd(ctx)
		cmd.SetErr(err)
	}
	return cmd
}

func (t *together) fly(ctx context.Context, asks []*redis.Cmd) []gather.Answer[*redis.Cmd] {
	ctx, cancel := context.WithTimeout(ctx, repairTimeout)
	defer cancel()
	pipe := t.Pipeline()
	var done []*dones
	for _, cmd := range asks {
		if isDone(cmd) {
			done = gathered(done, cmd)
		} else {
			_ = pipe.Process(ctx, cmd) // puts it into the pipeline
		}
	}
	for _, d := range done {
		d.send(ctx, pipe)
	}
	_, _ = pipe.Exec(ctx) // each has its own error
	for _, d := range done {
		d.answer(ctx, t.UniversalClient)
	}
	answers := make([]gather.Answer[*redis.Cmd], len(asks))
	for i, cmd := range asks {
		answers[i].Value = cmd
	}
	return answers
}

func evalsha(ctx context.Context, sha string, keys []string, args []any) *redis.Cmd {
	all := make([]any, 0, 3+len(keys)+len(args))
	all = append(all, "evalsha", sha, len(keys))
	for _, key := range keys {
		all = append(all, key)
	}
	cmd := redis.NewCmd(ctx, append(all, args...)...)
	if len(keys) > 0 {
		cmd.SetFirstKeyPos(3)
	}
	return cmd
}
