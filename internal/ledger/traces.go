package ledger

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message/keys"
)

// traceLife is how long a trace waits for its receipt; nearly all come within
// seconds.
const traceLife = time.Hour

// KeepTrace notes by a call's msgid where its trace goes on, as a traceparent.
// Class Unavailable: it may or may not have been noted.
func (l *Ledger) KeepTrace(ctx context.Context, account, msgid, traceparent string) error {
	if err := l.redis.Set(ctx, keys.Trace(account, msgid), traceparent, traceLife).Err(); err != nil {
		return unavailable("ledger.keep_trace", err)
	}
	return nil
}

// Traces returns what KeepTrace noted for each of msgids, "" where there is
// nothing; one trip.
func (l *Ledger) Traces(ctx context.Context, account string, msgids []string) ([]string, error) {
	pipe, found := l.redis.Pipeline(), make([]*redis.StringCmd, len(msgids))
	for i, msgid := range msgids {
		found[i] = pipe.Get(ctx, keys.Trace(account, msgid))
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return nil, unavailable("ledger.traces", err)
	}
	traces := make([]string, len(msgids))
	for i, answer := range found {
		traces[i] = answer.Val()
	}
	return traces, nil
}
