// Package store opens the Redis that everything is kept in, the same way for
// workers, producers and tests.
//
// Its promise: one redis.UniversalClient for single, Sentinel and Cluster,
// whose calls end with their context; a wrapper for asynq's servers that
// repairs writes on a cancelled context; and for trying without a Redis an
// embedded one whose keys expire. What stands in Redis is others' business.
package store

import (
	"context"
	"net"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
)

// Options say which Redis.
type Options struct {
	Addrs      []string // host:port; of the sentinels with MasterName
	Username   string
	Password   string
	DB         int
	MasterName string // sentinel
	Cluster    bool   // also with a single address
	TLS        *TLS   // nil: none
	PoolSize   int    // connections at most; 0: go-redis's default of 10 a CPU
	// Longest is how long a command may take that nobody gave a time; 0: as
	// long as go-redis tries.
	Longest time.Duration
}

// dialTimeout keeps a producer's "Redis is away" within five seconds.
const dialTimeout = 2 * time.Second

// Open returns a client. It does not connect: the first command does, and tells
// of a TLS file that is no good.
func Open(o Options) redis.UniversalClient {
	options := &redis.UniversalOptions{
		Addrs: o.Addrs, Username: o.Username, Password: o.Password, DB: o.DB,
		MasterName: o.MasterName, IsClusterMode: o.Cluster,
		SentinelUsername: o.Username, SentinelPassword: o.Password,
		ContextTimeoutEnabled: true, DialTimeout: dialTimeout, DialerRetries: 1, PoolSize: o.PoolSize,
	}
	if o.TLS != nil {
		secure, err := o.TLS.config()
		options.TLSConfig = secure
		if err != nil {
			options.Dialer = func(context.Context, string, string) (net.Conn, error) { return nil, err }
		}
	}
	client := redis.NewUniversalClient(options)
	if cluster, ok := client.(*redis.ClusterClient); ok {
		cluster.OnNewNode(func(node *redis.Client) { node.AddHook(lenient{}) })
	}
	if o.Longest > 0 {
		client.AddHook(bounded{o.Longest})
	}
	return client
}

// Ping tells whether Redis answers before ctx ends; class Unavailable if not.
func Ping(ctx context.Context, client redis.UniversalClient) error {
	if err := client.Ping(ctx).Err(); err != nil {
		return &fault.Error{Op: "store.ping", Class: fault.Unavailable, Message: "Redis does not answer", Err: err}
	}
	return nil
}
