package ledger

import (
	"context"
	"math"

	"wxdispatch/internal/message"
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

// countedDoubts is how many doubts are told by kind; of more, the longest.
const countedDoubts = 1000

// Doubts counts the messages in doubt by kind, up to 1,000.
func (l *Ledger) Doubts(ctx context.Context, account string) (map[message.Kind]int, error) {
	found := map[message.Kind]int{}
	ids, err := l.DoubtsBefore(ctx, account, 0, countedDoubts)
	if err != nil || len(ids) == 0 {
		return found, err
	}
	records, err := l.Records(ctx, account, ids)
	for _, r := range records {
		if r != nil && r.State == message.InDoubt {
			found[r.Kind]++
		}
	}
	return found, err
}
