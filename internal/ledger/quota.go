package ledger

import (
	"context"
	"strconv"
	"strings"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// china is where WeChat's days begin.
const china = 8 * time.Hour

// Used returns how many of each kind were sent today (UTC+8, on Redis's clock),
// counted at begin and given back where surely nothing was sent, and when the
// count starts anew; one trip.
func (l *Ledger) Used(ctx context.Context, account string) (map[message.Kind]int, time.Time, error) {
	pipe := l.redis.Pipeline()
	now, fields := pipe.Time(ctx), pipe.HGetAll(ctx, keys.Quota(account))
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, time.Time{}, unavailable("ledger.used", err)
	}
	day := now.Val().Add(china).Unix() / int64(24*60*60)
	used := map[message.Kind]int{}
	for kind, text := range fields.Val() {
		of, count, _ := strings.Cut(text, " ")
		if n, err := strconv.Atoi(count); err == nil && of == strconv.FormatInt(day, 10) {
			used[message.Kind(kind)] = n
		}
	}
	return used, time.Unix((day+1)*24*60*60, 0).Add(-china), nil
}
