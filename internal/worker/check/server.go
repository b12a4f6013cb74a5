package check

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
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
	// Time returns the server's clock.
	Time(ctx context.Context) (time.Time, error)
	// Info returns what INFO says, by field.
	Info(ctx context.Context) (map[string]string, error)
	// Setting returns a setting of its configuration; managed Redis often
	// refuses that.
	Setting(ctx context.Context, name string) (string, error)
	// Try carries out a command that changes nothing.
	Try(ctx context.Context, args ...any) error
}

// NewRedis asks through client, which stays the caller's to close.
func NewRedis(client redis.UniversalClient) Redis { return live{client} }

type live struct{ client redis.UniversalClient }

func (l live) Masters(ctx context.Context) ([]Master, error) {
	cluster, ok := l.client.(*redis.ClusterClient)
	if !ok {
		return []Master{{Server: server(l)}}, l.client.Ping(ctx).Err()
	}
	var mu sync.Mutex
	var masters []Master
	err := cluster.ForEachMaster(ctx, func(_ context.Context, client *redis.Client) error {
		mu.Lock()
		defer mu.Unlock()
		masters = append(masters, Master{Name: client.Options().Addr, Server: server{client}})
		return nil
	})
	slices.SortFunc(masters, func(a, b Master) int { return cmp.Compare(a.Name, b.Name) })
	return masters, err
}

type server struct{ client redis.UniversalClient }

func (s server) Time(ctx context.Context) (time.Time, error) { return s.client.Time(ctx).Result() }

func (s server) Info(ctx context.Context) (map[string]string, error) {
	text, err := s.client.Info(ctx).Result()
	return parseInfo(text), err
}

func (s server) Setting(ctx context.Context, name string) (string, error) {
	found, err := s.client.ConfigGet(ctx, name).Result()
	return found[name], err
}

func (s server) Try(ctx context.Context, args ...any) error { return s.client.Do(ctx, args...).Err() }

// parseInfo reads INFO's lines field:value; others are headings.
func parseInfo(text string) map[string]string {
	fields := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok && !strings.HasPrefix(name, "#") {
			fields[name] = value
		}
	}
	return fields
}
