package store_test

import (
	"context"
	"testing"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/redistest"
	"wxdispatch/internal/store"
)

func TestNoEviction(t *testing.T) {
	good, bad := redistest.Server(t, "--maxmemory-policy", "noeviction"), redistest.Server(t, "--maxmemory-policy", "allkeys-lru")
	ask := func(client redis.UniversalClient, want bool) {
		t.Helper()
		if got, err := store.NoEviction(t.Context(), client); got != want || err != nil {
			t.Errorf("got %v, %v; want %v", got, err, want)
		}
	}
	ask(redistest.Client(t, good), true)
	ask(redistest.Client(t, bad), false)

	// A cluster is as safe as the worst of its masters.
	cluster := func(one, two string) redis.UniversalClient {
		client := redis.NewClusterClient(&redis.ClusterOptions{ClusterSlots: func(context.Context) ([]redis.ClusterSlot, error) {
			return []redis.ClusterSlot{
				{Start: 0, End: 8191, Nodes: []redis.ClusterNode{{Addr: one}}},
				{Start: 8192, End: 16383, Nodes: []redis.ClusterNode{{Addr: two}}},
			}, nil
		}})
		t.Cleanup(func() { _ = client.Close() })
		return client
	}
	ask(cluster(good, good), true)
	ask(cluster(good, bad), false)
	ask(cluster(bad, good), false)
}

// What is not told is neither good nor bad.
func TestNoEvictionIsNotGuessed(t *testing.T) {
	if got, err := store.NoEviction(t.Context(), redistest.Mini(t)); err == nil || got {
		t.Errorf("got %v, %v from a Redis that tells nothing", got, err)
	}
}
