package ledger

import (
	"context"
	"math"

	"wxdispatch/internal/message/keys"
)

// Counts is how many messages of an account wait, are in doubt, and ended
// badly.
type Counts struct{ Waiting, InDoubt, Bad int }

// Count counts; one trip.
func (l *Ledger) Count(ctx context.Context, account string) (Counts, error) {
	pipe := l.redis.Pipeline()
	waiting, doubts, bad := pipe.ZCard(ctx, keys.Waiting(account)), pipe.ZCard(ctx, keys.Doubts(account)), pipe.ZCard(ctx, keys.Ends(account))
	if _, err := pipe.Exec(ctx); err != nil {
		return Counts{}, unavailable("ledger.count", err)
	}
	clamp := func(n int64) int { return int(min(n, math.MaxInt32)) }
	return Counts{clamp(waiting.Val()), clamp(doubts.Val()), clamp(bad.Val())}, nil
}
