package ledger

import (
	"context"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// Records returns the records of many ids in one trip, nil where there is
// none.
func (l *Ledger) Records(ctx context.Context, account string, ids []string) ([]*message.Record, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	pipe := l.redis.Pipeline()
	answers := make([]*redis.MapStringStringCmd, len(ids))
	for i, id := range ids {
		answers[i] = pipe.HGetAll(ctx, keys.Record(account, id))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, unavailable("ledger.records", err)
	}
	records := make([]*message.Record, len(ids))
	for i, answer := range answers {
		if fields := answer.Val(); len(fields) > 0 {
			records[i] = readRecord(account, ids[i], fields)
		}
	}
	return records, nil
}
