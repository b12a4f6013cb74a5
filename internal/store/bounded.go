package store

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// bounded gives a time to commands that have none: asynq's inspector heeds no
// context, and a Redis that stands still would hold it for go-redis's own
// timeouts, several times over.
type bounded struct{ longest time.Duration }

// DialHook leaves dialling as it is: Open bounds it.
func (bounded) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook bounds one command.
func (b bounded) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		ctx, cancel := b.inTime(ctx)
		defer cancel()
		return next(ctx, cmd)
	}
}

// ProcessPipelineHook bounds a pipeline as a whole.
func (b bounded) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		ctx, cancel := b.inTime(ctx)
		defer cancel()
		return next(ctx, cmds)
	}
}

func (b bounded) inTime(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, limited := ctx.Deadline(); limited {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, b.longest)
}
