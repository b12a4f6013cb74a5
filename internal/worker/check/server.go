package check

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/store"
)

// Redis is the Redis of a configuration.
type Redis interface {
	// Masters returns its servers that take writes: one, or each of a cluster.
	// It fails when none answers before ctx ends.
	Masters(ctx context.Context) ([]Master, error)
}

// Master is one server that takes writes.
type Master struct {
	Name   string // its address where there are several, else empty
	Server Server
}

// Server answers questions about itself. All block until ctx ends at most.
type Server interface {
	store.Teller
	// Time returns the server's clock.
	Time(ctx context.Context) (time.Time, error)
	// Try carries out a command that changes nothing.
	Try(ctx context.Context, args ...any) error
}

// NewRedis asks through client, which stays the caller's to close.
func NewRedis(client redis.UniversalClient) Redis { return live{client} }

type live struct{ client redis.UniversalClient }

func (l live) Masters(ctx context.Context) ([]Master, error) {
	cluster, ok := l.client.(*redis.ClusterClient)
	if !ok {
		return []Master{{Server: server{store.Server{Client: l.client}}}}, l.client.Ping(ctx).Err()
	}
	var mu sync.Mutex
	var masters []Master
	err := cluster.ForEachMaster(ctx, func(_ context.Context, client *redis.Client) error {
		mu.Lock()
		defer mu.Unlock()
		masters = append(masters, Master{Name: client.Options().Addr, Server: server{store.Server{Client: client}}})
		return nil
	})
	slices.SortFunc(masters, func(a, b Master) int { return cmp.Compare(a.Name, b.Name) })
	return masters, err
}

type server struct{ store.Server }

func (s server) Time(ctx context.Context) (time.Time, error) { return s.Client.Time(ctx).Result() }

func (s server) Try(ctx context.Context, args ...any) error { return s.Client.Do(ctx, args...).Err() }
