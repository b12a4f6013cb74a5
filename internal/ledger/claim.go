package ledger

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message/keys"
)

// Claim takes the right to do a piece of an account's housekeeping for a time;
// false: someone has it.
func (l *Ledger) Claim(ctx context.Context, account, what string, d time.Duration) (bool, error) {
	err := l.redis.SetArgs(ctx, keys.Claim(account, what), 1, redis.SetArgs{Mode: "NX", TTL: d}).Err()
	switch {
	case err == nil:
		return true, nil
	case err == redis.Nil:
		return false, nil
	}
	return false, unavailable("ledger.claim", err)
}
