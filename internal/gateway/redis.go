package gateway

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/config"
	"wxdispatch/internal/store"
)

// longest is how long a Redis command may take that nobody gave a time: asynq's
// inspector heeds no context. With the API's own patience of 3 s before it, an
// answer still comes within 5 s.
const longest = 2 * time.Second

// connections to each Redis node at most. A call holds one for a command only.
const connections = 64

// openRedis returns a client whose every command ends in time. The embedded
// Redis is the worker's; it is dialled like any other.
func openRedis(r config.Redis) redis.UniversalClient {
	client := store.Open(store.Options{
		Addrs: r.Addrs, Username: r.Username, Password: r.Password.Reveal(), DB: r.DB,
		MasterName: r.MasterName, Cluster: r.Mode == config.Cluster, TLS: r.TLS, PoolSize: connections,
	})
	client.AddHook(bounded{})
	return client
}

// bounded gives a time to commands that have none.
type bounded struct{}

// DialHook leaves dialling as it is: store bounds it.
func (bounded) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook bounds one command.
func (bounded) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		ctx, cancel := inTime(ctx)
		defer cancel()
		return next(ctx, cmd)
	}
}

// ProcessPipelineHook bounds a pipeline as a whole.
func (bounded) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		ctx, cancel := inTime(ctx)
		defer cancel()
		return next(ctx, cmds)
	}
}

func inTime(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, limited := ctx.Deadline(); limited {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, longest)
}
