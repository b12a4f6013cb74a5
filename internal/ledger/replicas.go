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

// runDurably is run, and comes back only once enough replicas have what the
// script wrote. An error leaves it open whether the script ran; the caller asks
// again or gives back.
func (l *Ledger) runDurably(ctx context.Context, op string, script *redis.Script, keys []string, args ...any) (answer []any, err error) {
	if l.replicated == nil {
		return l.run(ctx, op, script, keys, args...)
	}
	err = l.replicated(ctx, keys[0], func(client redis.UniversalClient) (err error) {
		answer, err = run(ctx, client, op, script, keys, args...)
		return err
	})
	return answer, err
}
