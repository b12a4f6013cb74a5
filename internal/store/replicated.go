package store

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
)

// replicasTimeout is how long replicas may take to have what was written.
const replicasTimeout = time.Second

// Replicated returns what makes sure that n replicas have all that was written
// so far to the node of a key; nil for n = 0. WAIT speaks of one connection's
// own writes, so a mark beside the key is written first: replication keeps the
// order, and who has the mark has what came before it.
//
// What it returns fails with class Unavailable when too few replicas have it
// within a second.
func Replicated(client redis.UniversalClient, n int) func(ctx context.Context, key string) error {
	if n == 0 {
		return nil
	}
	return func(ctx context.Context, key string) error {
		node, err := nodeOf(ctx, client, key)
		if err != nil {
			return away(err)
		}
		pipe := node.Pipeline()
		pipe.Set(ctx, key, 1, time.Minute)
		have := pipe.Do(ctx, "WAIT", n, replicasTimeout.Milliseconds())
		if _, err := pipe.Exec(ctx); err != nil {
			return away(err)
		}
		if got, _ := have.Int(); got < n {
			return &fault.Error{Op: "store.replicated", Class: fault.Unavailable,
				Message: fmt.Sprintf("%d of %d replicas have it; redis.wait_replicas asks for all of them", got, n)}
		}
		return nil
	}
}

func away(err error) error {
	return &fault.Error{Op: "store.replicated", Class: fault.Unavailable, Message: "Redis did not answer", Err: err}
}

// nodeOf is the node that holds a key.
func nodeOf(ctx context.Context, client redis.UniversalClient, key string) (*redis.Client, error) {
	switch client := client.(type) {
	case *redis.Client:
		return client, nil
	case *redis.ClusterClient:
		return client.MasterForKey(ctx, key)
	}
	return nil, fmt.Errorf("a %T has no node to wait on", client)
}
