package worker

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/access"
	"wxdispatch/internal/config"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/store"
)

// pingTimeout bounds the first word with Redis.
const pingTimeout = 5 * time.Second

// longest is how long a Redis command may take that nobody gave a time.
const longest = 5 * time.Second

// connectionsPerLane is what a lane's asynq server keeps busy beside its
// handlers.
const connectionsPerLane = 4

// openRedis opens the Redis of the configuration, or starts the embedded one.
func openRedis(cfg *config.Config, log *slog.Logger, ends *stops) (redis.UniversalClient, error) {
	if cfg.Redis.Mode == config.Embedded {
		embedded, err := store.StartEmbedded(cfg.Redis.Addrs[0])
		if err != nil {
			return nil, err
		}
		ends.add("embedded redis", embedded.Close)
		log.Warn("redis is embedded: nothing is kept when this worker ends; for trying and tests only",
			slog.String("addr", embedded.Addr()))
	}
	client := store.Open(StoreOptions(cfg))
	ends.add("redis client", func() error { return closeRedis(client) })
	ctx, cancel := context.WithTimeout(context.Background(), pingTimeout)
	defer cancel()
	if err := store.Ping(ctx, client); err != nil {
		return nil, &fault.Error{Op: "worker.redis", Class: fault.Unavailable, Err: err, Message: fmt.Sprintf(
			"nothing works without Redis; redis.addrs is %s, mode %s; %s", strings.Join(cfg.Redis.Addrs, ","), cfg.Redis.Mode, store.Advice(err))}
	}
	return client, nil
}

// closeRedis closes a client that asynqmon may have closed already.
func closeRedis(client redis.UniversalClient) error {
	if err := client.Close(); err != nil && err != redis.ErrClosed {
		return err
	}
	return nil
}

// StoreOptions says which Redis a configuration means, with room for all that
// its lanes do at once.
func StoreOptions(cfg *config.Config) store.Options {
	pool := 16
	for _, account := range cfg.Accounts {
		pool += account.Concurrency + connectionsPerLane*len(account.Type.Kinds())
	}
	o := access.Redis(cfg.Redis)
	o.PoolSize, o.Longest = min(pool, 1000), longest
	return o
}
