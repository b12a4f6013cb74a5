package store

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// repairTimeout bounds a script that is written on a fresh context.
const repairTimeout = 5 * time.Second

// Repairing wraps a client for asynq's servers. When the first write after a
// handler fails, asynq repeats it on a context that is over by then, so it
// never succeeds and the task runs again a minute later; the wrapper gives such
// a script a context of its own. Only asynq's servers may use it: everybody
// else means it when a context is over.
func Repairing(client redis.UniversalClient) redis.UniversalClient { return repairing{client} }

type repairing struct{ redis.UniversalClient }

func (r repairing) Eval(ctx context.Context, script string, keys []string, args ...any) *redis.Cmd {
	ctx, cancel := alive(ctx)
	defer cancel()
	return r.UniversalClient.Eval(ctx, script, keys, args...)
}

func (r repairing) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	ctx, cancel := alive(ctx)
	defer cancel()
	return r.UniversalClient.EvalSha(ctx, sha, keys, args...)
}

func alive(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx.Err() == nil {
		return ctx, func() {}
	}
	return context.WithTimeout(context.WithoutCancel(ctx), repairTimeout)
}
