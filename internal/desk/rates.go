package desk

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/pace"
)

// rates are the accounts' paces as an operator sees and sets them.
type rates struct{ redis redis.UniversalClient }

// Read returns what holds for all workers and the rate in force, in messages a
// second; 0 where no worker is there and nobody set one.
func (r rates) Read(ctx context.Context, account string) (configured, now float64, err error) {
	s, err := pace.Read(ctx, r.redis, account)
	return s.Configured, s.Now, err
}

// Set sets the rate of all workers until then, or with a zero time until Clear.
func (r rates) Set(ctx context.Context, account string, perSecond float64, until time.Time) error {
	return pace.SetOverride(ctx, r.redis, account, perSecond, until)
}

// Clear gives the configuration its word back.
func (r rates) Clear(ctx context.Context, account string) error {
	return pace.ClearOverride(ctx, r.redis, account)
}
