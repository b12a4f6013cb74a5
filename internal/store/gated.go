package store

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Gate says whether a task may be taken from a queue now.
type Gate interface {
	// Enter takes a place for one task; false: not now. It does not block.
	Enter() bool
	// Leave gives the place back: there was no task.
	Leave()
}

// Gated wraps a client for asynq's servers, which have no say in when they take
// a task: while the gate is closed, their question for one is answered without
// a trip as if the queue were empty, and asked again after a poll's pause.
func Gated(client redis.UniversalClient, gate Gate) redis.UniversalClient {
	return gated{client, gate}
}

type gated struct {
	redis.UniversalClient
	gate Gate
}

func (g gated) Eval(ctx context.Context, script string, keys []string, args ...any) *redis.Cmd {
	return g.through(ctx, keys, func() *redis.Cmd { return g.UniversalClient.Eval(ctx, script, keys, args...) })
}

func (g gated) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	return g.through(ctx, keys, func() *redis.Cmd { return g.UniversalClient.EvalSha(ctx, sha, keys, args...) })
}

func (g gated) through(ctx context.Context, keys []string, run func() *redis.Cmd) *redis.Cmd {
	if !takes(keys) {
		return run()
	}
	if !g.gate.Enter() {
		cmd := redis.NewCmd(ctx)
		cmd.SetErr(redis.Nil)
		return cmd
	}
	cmd := run()
	if cmd.Err() != nil {
		g.gate.Leave()
	}
	return cmd
}

// takes tells by its keys whether a script is the one that takes a task
// (asynq's internal/rdb, Dequeue).
func takes(keys []string) bool {
	if len(keys) != 4 {
		return false
	}
	for i, end := range []string{":pending", ":paused", ":active", ":lease"} {
		if !strings.HasSuffix(keys[i], end) {
			return false
		}
	}
	return true
}
