package tasks

import (
	"context"
	"sync"

	"github.com/redis/go-redis/v9"
)

// capture is the Redis that an asynq.Client is given so that many tasks go in
// one trip: what it would run is put into a pipeline, and it is told that all
// went well. What became of each task stands in cmds, in the order of the
// enqueues, once the pipeline was carried out.
type capture struct {
	redis.UniversalClient
	pipe    redis.Pipeliner
	scripts *sync.Map       // the SHA-1s that Redis knows
	names   redis.Cmdable   // where the queues' names go
	named   []*redis.IntCmd // what became of them
	cmds    []*redis.Cmd
}

// SAdd is how asynq makes a queue's name known.
func (c *capture) SAdd(ctx context.Context, key string, members ...any) *redis.IntCmd {
	cmd := c.names.SAdd(ctx, key, members...)
	c.named = append(c.named, cmd)
	return cmd
}

// EvalSha is how asynq asks first. A script that Redis does not know is asked
// for with its text.
func (c *capture) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	if _, known := c.scripts.Load(sha); !known {
		cmd := redis.NewCmd(ctx)
		cmd.SetErr(redis.ErrNoScript)
		return cmd
	}
	return c.record(ctx, sha, keys, args)
}

// Eval loads a script, so that its text goes over the wire once and not with
// every task.
func (c *capture) Eval(ctx context.Context, script string, keys []string, args ...any) *redis.Cmd {
	sha, err := c.ScriptLoad(ctx, script).Result()
	if err != nil {
		cmd := redis.NewCmd(ctx)
		cmd.SetErr(err)
		return cmd
	}
	c.scripts.Store(sha, true)
	return c.record(ctx, sha, keys, args)
}

func (c *capture) record(ctx context.Context, sha string, keys []string, args []any) *redis.Cmd {
	c.cmds = append(c.cmds, c.pipe.EvalSha(ctx, sha, keys, args...))
	done := redis.NewCmd(ctx)
	done.SetVal(int64(1))
	return done
}
