package ledger

import (
	"context"
	"iter"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message/keys"
)

// Overdue returns up to most messages whose run should have settled by now on
// Redis's clock and did not, the longest overdue first.
func (l *Ledger) Overdue(ctx context.Context, account string, most int64) ([]string, error) {
	return l.due(ctx, "ledger.overdue", keys.Sending(account), most)
}

// Due returns up to most messages that wait and are due by now on Redis's
// clock, the longest due first.
func (l *Ledger) Due(ctx context.Context, account string, most int64) ([]string, error) {
	return l.due(ctx, "ledger.due", keys.Waiting(account), most)
}

func (l *Ledger) due(ctx context.Context, op, index string, most int64) ([]string, error) {
	now, err := l.redis.Time(ctx).Result()
	if err != nil {
		return nil, unavailable(op, err)
	}
	ids, err := l.redis.ZRangeByScore(ctx, index, &redis.ZRangeBy{Min: "-inf", Max: strconv.FormatInt(now.UnixMilli(), 10), Count: most}).Result()
	if err != nil {
		return nil, unavailable(op, err)
	}
	return ids, nil
}

// UnderWay yields the ids of an account that wait or are being sent, a page at
// a time, in no order. An id may come twice.
func (l *Ledger) UnderWay(ctx context.Context, account string) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for _, index := range []string{keys.Waiting(account), keys.Sending(account)} {
			var cursor uint64
			for {
				rows, next, err := l.redis.ZScan(ctx, index, cursor, "", page).Result()
				if err != nil {
					yield(nil, unavailable("ledger.under_way", err))
					return
				}
				ids := make([]string, 0, len(rows)/2)
				for i := 0; i < len(rows); i += 2 { // id, score
					ids = append(ids, rows[i])
				}
				if len(ids) > 0 && !yield(ids, nil) {
					return
				}
				if cursor = next; cursor == 0 {
					break
				}
			}
		}
	}
}

// DoubtsBefore returns up to most messages that have been in doubt for longer
// than after, the longest first.
func (l *Ledger) DoubtsBefore(ctx context.Context, account string, after time.Duration, most int64) ([]string, error) {
	now, err := l.redis.Time(ctx).Result()
	if err != nil {
		return nil, unavailable("ledger.doubts", err)
	}
	before := strconv.FormatInt(now.Add(-after).UnixMilli(), 10)
	ids, err := l.redis.ZRangeByScore(ctx, keys.Doubts(account), &redis.ZRangeBy{Min: "-inf", Max: before, Count: most}).Result()
	if err != nil {
		return nil, unavailable("ledger.doubts", err)
	}
	return ids, nil
}
