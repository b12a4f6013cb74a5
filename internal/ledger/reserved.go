package ledger

import (
	"context"
	"iter"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message/keys"
)

// lookAgain is how long a reservation whose task was seen is left alone.
const lookAgain = 4 * time.Minute

// Reserved yields the ids of messages that intake took and no run has begun, as
// far as it is time to look after them on Redis's clock: none whose
// reservation is younger than 5 minutes. Pages come in the order of their time.
func (l *Ledger) Reserved(ctx context.Context, account string) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		now, err := l.redis.Time(ctx).Result()
		from := "-inf"
		for err == nil {
			var rows []redis.Z
			rows, err = l.redis.ZRangeByScoreWithScores(ctx, keys.Reserved(account), &redis.ZRangeBy{
				Min: from, Max: strconv.FormatInt(now.UnixMilli(), 10), Count: page}).Result()
			if err != nil || len(rows) == 0 {
				break
			}
			ids := make([]string, len(rows))
			for i, row := range rows {
				ids[i], _ = row.Member.(string)
			}
			// A page ends within a millisecond at worst; what shares it comes
			// with the next look.
			from = "(" + strconv.FormatFloat(rows[len(rows)-1].Score, 'f', 0, 64)
			if !yield(ids, nil) {
				return
			}
		}
		if err != nil {
			yield(nil, unavailable("ledger.reserved", err))
		}
	}
}

// LookAgain leaves reservations alone whose tasks were seen: 4 minutes, so that
// a task that vanishes is missed in time.
func (l *Ledger) LookAgain(ctx context.Context, account string, ids []string) error {
	now, err := l.redis.Time(ctx).Result()
	if err == nil {
		later := make([]redis.Z, len(ids))
		for i, id := range ids {
			later[i] = redis.Z{Score: float64(now.Add(lookAgain).UnixMilli()), Member: id}
		}
		err = l.redis.ZAddXX(ctx, keys.Reserved(account), later...).Err()
	}
	if err != nil {
		return unavailable("ledger.reserved", err)
	}
	return nil
}
