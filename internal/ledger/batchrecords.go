package ledger

import (
	"context"
	"iter"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// scanShards is how many shards of a day's index one trip reads.
const scanShards = 256

// BatchRecords yields the records of a batch's messages, a page at a time, in
// no order: it reads the account's days since the batch was made, message by
// message, so it costs as much as all that was taken since then. Memory stays
// flat.
func (l *Ledger) BatchRecords(ctx context.Context, b *Batch, now time.Time) iter.Seq2[[]*message.Record, error] {
	return func(yield func([]*message.Record, error) bool) {
		// A message may be in a batch that was made a moment after it was taken,
		// and clocks differ.
		for day := b.CreatedAt.Add(-time.Hour).UTC().Truncate(24 * time.Hour); !day.After(now.Add(time.Hour)); day = day.Add(24 * time.Hour) {
			for from := 0; from < Shards; from += scanShards {
				records, err := l.ofBatch(ctx, b, day, from)
				if !yield(records, err) || err != nil {
					return
				}
			}
		}
	}
}

// ofBatch reads some shards of a day.
func (l *Ledger) ofBatch(ctx context.Context, b *Batch, day time.Time, from int) ([]*message.Record, error) {
	pipe := l.redis.Pipeline()
	answers := make([]*redis.StringSliceCmd, scanShards)
	for i := range answers {
		answers[i] = pipe.HKeys(ctx, keys.OpenIDs(b.Account, day.Format("20060102"), strconv.FormatUint(uint64(from+i), 36)))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, unavailable("ledger.batch_records", err)
	}
	var found []*message.Record
	var ids []string
	for _, answer := range answers {
		ids = append(ids, answer.Val()...)
	}
	for len(ids) > 0 {
		some := ids[:min(page, len(ids))]
		ids = ids[len(some):]
		mine, err := l.mine(ctx, b, some)
		if err != nil {
			return nil, err
		}
		records, err := l.Records(ctx, b.Account, mine)
		if err != nil {
			return nil, err
		}
		for _, record := range records {
			if record != nil {
				found = append(found, record)
			}
		}
	}
	return found, nil
}

// mine returns those of some ids that belong to a batch.
func (l *Ledger) mine(ctx context.Context, b *Batch, ids []string) ([]string, error) {
	pipe, answers := l.redis.Pipeline(), make([]*redis.StringCmd, len(ids))
	for i, id := range ids {
		answers[i] = pipe.HGet(ctx, keys.Record(b.Account, id), "b")
	}
	if _, err := pipe.Exec(ctx); err != nil && err != redis.Nil {
		return nil, unavailable("ledger.batch_records", err)
	}
	var mine []string
	for i, answer := range answers {
		if answer.Val() == b.Name {
			mine = append(mine, ids[i])
		}
	}
	return mine, nil
}
