package ledger

import (
	"context"
	"encoding/json"
	"time"

	"wxdispatch/internal/message/keys"
)

// logged is how many entries an account's log has at most.
const logged = 500

// LogEntry is something that was done to an account.
type LogEntry struct {
	At     time.Time
	What   string // park, unpark, set, reset, clear_quota, resume_put_back, resolve, replay, batch_pause and so on
	Scope  string // a kind, or * for all
	Reason string
	Info   ParkInfo
}

type logText struct {
	At     int64    `json:"at"`
	What   string   `json:"what"`
	Scope  string   `json:"scope,omitempty"`
	Reason string   `json:"reason,omitempty"`
	Info   ParkInfo `json:"info,omitzero"`
}

// Log returns what was done to an account, newest first, up to 500 entries.
func (l *Ledger) Log(ctx context.Context, account string) ([]LogEntry, error) {
	rows, err := l.redis.LRange(ctx, keys.Log(account), 0, logged-1).Result()
	if err != nil {
		return nil, unavailable("ledger.log", err)
	}
	var entries []LogEntry
	for _, row := range rows {
		var t logText
		if json.Unmarshal([]byte(row), &t) == nil {
			entries = append(entries, LogEntry{time.UnixMilli(t.At), t.What, t.Scope, t.Reason, t.Info})
		}
	}
	return entries, nil
}

// Note adds to an account's log.
func (l *Ledger) Note(ctx context.Context, account, what, scope, reason string, info ParkInfo) error {
	now, err := l.redis.Time(ctx).Result()
	if err != nil {
		return unavailable("ledger.log", err)
	}
	text, err := json.Marshal(logText{now.UnixMilli(), what, scope, reason, info})
	if err != nil {
		return err
	}
	pipe := l.redis.Pipeline()
	pipe.LPush(ctx, keys.Log(account), text)
	pipe.LTrim(ctx, keys.Log(account), 0, logged-1)
	if _, err := pipe.Exec(ctx); err != nil {
		return unavailable("ledger.log", err)
	}
	return nil
}
