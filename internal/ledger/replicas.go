package ledger

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// Replicated carries out a write to a key's node and comes back only once
// enough replicas have it; class Unavailable if not.
type Replicated func(ctx context.Context, key string, write func(redis.UniversalClient) error) error

// Durably makes a begin count only once it is as safe as replicated says, so
// that a failover forgets no attempt; nil: at once.
func Durably(replicated Replicated) Option { return func(l *Ledger) { l.replicated = replicated } }

// fly is one trip.
func (l *Ledger) fly(ctx context.Context, asks []ask) ([][]any, error) {
	return runMany(ctx, l.redis, asks)
}

// flyDurably is a trip that comes back only once enough replicas have what it
// wrote.
func (l *Ledger) flyDurably(ctx context.Context, asks []ask) (answers [][]any, err error) {
	err = l.replicated(ctx, asks[0].keys[0], func(client redis.UniversalClient) (err error) {
		answers, err = runMany(ctx, client, asks)
		return err
	})
	return answers, err
}
