package ledger

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// china is where WeChat's days and months begin.
var china = time.FixedZone("UTC+8", 8*60*60)

// usedToday reads what was counted today, and when the count starts anew.
func usedToday(fields map[string]string, now time.Time) (map[message.Kind]int, time.Time) {
	y, m, d := now.In(china).Date()
	tomorrow := time.Date(y, m, d+1, 0, 0, 0, 0, china)
	day := strconv.FormatInt(tomorrow.Add(8*time.Hour).Unix()/int64(24*60*60)-1, 10)
	used := map[message.Kind]int{}
	for kind, text := range fields {
		of, count, _ := strings.Cut(text, " ")
		if n, err := strconv.Atoi(count); err == nil && of == day {
			used[message.Kind(kind)] = n
		}
	}
	return used, tomorrow
}

// overrides reads what an operator set over the configuration.
func overrides(fields map[string]string, now time.Time) map[message.Kind]int {
	set := map[message.Kind]int{}
	for _, kind := range message.Kinds() {
		count, until, _ := strings.Cut(fields["quota:"+string(kind)], " ")
		n, err := strconv.Atoi(count)
		if end := moment(until); err == nil && (end.IsZero() || now.Before(end)) {
			set[kind] = n
		}
	}
	return set
}

// SetQuota sets how many messages of a kind may go a day, for all workers, over
// what their configurations say, until then, or with a zero time until
// ResetQuotas; -1: as many as there are.
func (l *Ledger) SetQuota(ctx context.Context, account string, kind message.Kind, most int, until time.Time, info ParkInfo) error {
	pipe := l.redis.Pipeline()
	pipe.HSet(ctx, keys.Set(account), "quota:"+string(kind), strconv.Itoa(most)+" "+strconv.FormatInt(millis(until), 10))
	pipe.Publish(ctx, keys.Park(account), string(kind))
	if _, err := pipe.Exec(ctx); err != nil {
		return unavailable("ledger.set", err)
	}
	return l.Note(ctx, account, "set", string(kind), "quota", info)
}

// ResetQuotas gives the configurations' quotas back their word.
func (l *Ledger) ResetQuotas(ctx context.Context, account string, info ParkInfo) error {
	fields := make([]string, 0, len(message.Kinds()))
	for _, kind := range message.Kinds() {
		fields = append(fields, "quota:"+string(kind))
	}
	pipe := l.redis.Pipeline()
	pipe.HDel(ctx, keys.Set(account), fields...)
	pipe.Publish(ctx, keys.Park(account), allKinds)
	if _, err := pipe.Exec(ctx); err != nil {
		return unavailable("ledger.set", err)
	}
	return l.Note(ctx, account, "reset", allKinds, "quota", info)
}

// Cleared notes that WeChat took its own count of the day back, so that ours
// starts anew, too, and answers how often that was done this month (UTC+8).
func (l *Ledger) Cleared(ctx context.Context, account string, info ParkInfo) (int, error) {
	now, err := l.redis.Time(ctx).Result()
	if err != nil {
		return 0, unavailable("ledger.cleared", err)
	}
	pipe := l.redis.TxPipeline()
	n := pipe.HIncrBy(ctx, keys.Set(account), clearsOf(now), 1)
	pipe.Del(ctx, keys.Quota(account))
	if _, err := pipe.Exec(ctx); err != nil {
		return 0, unavailable("ledger.cleared", err)
	}
	return int(n.Val()), l.Note(ctx, account, "clear_quota", allKinds, "", info)
}

// Clears is how often the quota was cleared this month (UTC+8) through us.
func (l *Ledger) Clears(ctx context.Context, account string) (int, error) {
	now, err := l.redis.Time(ctx).Result()
	if err != nil {
		return 0, unavailable("ledger.cleared", err)
	}
	n, err := l.redis.HGet(ctx, keys.Set(account), clearsOf(now)).Int()
	if err != nil && err != redis.Nil {
		return 0, unavailable("ledger.cleared", err)
	}
	return n, nil
}

func clearsOf(now time.Time) string { return "clears:" + now.In(china).Format("2006-01") }
