package ledger

import (
	"context"
	"iter"
	"math"
	"slices"
	"strconv"
	"time"

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

// Find returns the records of an openid that were taken since then, newest
// first. It looks at a day at a time, so a long time costs a trip of many
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
	slices.SortFunc(records, func(a, b *message.Record) int { return b.CreatedAt.Compare(a.CreatedAt) })
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
