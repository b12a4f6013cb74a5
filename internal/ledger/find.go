package ledger

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message"
)

// Find returns the records of an openid that were taken since then, newest
// first, and of one millisecond the greater id first. It looks at a day at a time, so a long time costs a trip of many
// commands.
func (l *Ledger) Find(ctx context.Context, account, openid string, since, now time.Time) ([]*message.Record, error) {
	pipe := l.redis.Pipeline()
	var days []*redis.MapStringStringCmd
	for day := now.Add(24 * time.Hour).UTC(); !day.Before(since.UTC().Truncate(24 * time.Hour)); day = day.Add(-24 * time.Hour) {
		days = append(days, pipe.HGetAll(ctx, openIDIndex(account, openid, day)))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, unavailable("ledger.find", err)
	}
	var ids []string
	for _, day := range days {
		for id, whose := range day.Val() {
			if whose == openid {
				ids = append(ids, id)
			}
		}
	}
	records, err := l.Records(ctx, account, ids)
	if err != nil {
		return nil, err
	}
	records = slices.DeleteFunc(records, func(r *message.Record) bool { return r == nil || r.CreatedAt.Before(since) })
	slices.SortFunc(records, func(a, b *message.Record) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), strings.Compare(b.ID, a.ID))
	})
	return records, nil
}

// ByMsgID returns the id of the message that WeChat gave a msgid within the
// last day; empty when none is known.
func (l *Ledger) ByMsgID(ctx context.Context, account, msgid string, now time.Time) (string, error) {
	pipe := l.redis.Pipeline()
	var hours []*redis.StringCmd
	for at := now.Add(time.Hour); !at.Before(now.Add(-msgIDLife)); at = at.Add(-time.Hour) {
		hours = append(hours, pipe.HGet(ctx, msgIDIndex(account, msgid, at), msgid))
	}
	if _, err := pipe.Exec(ctx); err != nil && err != redis.Nil {
		return "", unavailable("ledger.by_msgid", err)
	}
	for _, hour := range hours {
		if id := hour.Val(); id != "" {
			return id, nil
		}
	}
	return "", nil
}
