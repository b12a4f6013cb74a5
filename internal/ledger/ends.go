package ledger

import (
	"context"
	"iter"
	"strconv"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// page is how many records one trip looks at.
const page = 500

// Ends yields the bad ends of an account that the filter picks, oldest first,
// a page a trip, however many there are. What ends while it runs may or may
// not be among them. It stops at the first error.
func (l *Ledger) Ends(ctx context.Context, account string, f Filter) iter.Seq2[*message.Record, error] {
	index := keys.Ends(account)
	if f.State == message.InDoubt {
		index = keys.Doubts(account)
	}
	return func(yield func(*message.Record, error) bool) {
		from, seen := strconv.FormatInt(millis(f.Since), 10), map[string]bool{}
		for {
			ids, next, err := l.page(ctx, index, from, millis(f.Until), seen)
			if err != nil {
				yield(nil, err)
				return
			}
			records, err := l.Records(ctx, account, ids)
			if err != nil {
				yield(nil, err)
				return
			}
			for i, record := range records {
				if record == nil { // its keep is over
					_ = l.redis.ZRem(ctx, index, ids[i]).Err()
					continue
				}
				if f.Picks(record) && !yield(record, nil) {
					return
				}
			}
			if next == "" {
				return
			}
			from = next
		}
	}
}

// page reads the ids of an index from a score on. Scores may repeat, so the
// ids already seen at the last score are passed over.
func (l *Ledger) page(ctx context.Context, index, from string, until int64, seen map[string]bool) (ids []string, next string, err error) {
	to := "+inf"
	if until > 0 {
		to = strconv.FormatInt(until, 10)
	}
	rows, err := l.redis.ZRangeByScoreWithScores(ctx, index, &redis.ZRangeBy{Min: from, Max: to, Count: int64(page + len(seen))}).Result()
	if err != nil {
		return nil, "", unavailable("ledger.list", err)
	}
	full := len(rows) == page+len(seen)
	for _, row := range rows {
		if id := row.Member.(string); !seen[id] {
			ids = append(ids, id)
		}
	}
	if !full {
		return ids, "", nil
	}
	last := rows[len(rows)-1].Score
	clear(seen)
	for _, row := range rows {
		if row.Score == last {
			seen[row.Member.(string)] = true
		}
	}
	return ids, strconv.FormatInt(int64(last), 10), nil
}
