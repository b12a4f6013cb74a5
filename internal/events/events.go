// Package events tells an app what became of its messages: it reads the
// account's stream of final states and receipts and posts it to the app's
// webhook, signed as Standard Webhooks has it.
//
// Its promise: each entry is posted at least once while the receiver answers
// within a day; nothing that sends messages ever waits for it; a receiver that
// is dead costs a bounded number of small tasks, which hold places in the stream
// and no content, and what it was not told stays in the stream. When little
// happens entries go out by themselves, when much does up to a hundred at once.
//
// It leaves to others: what is written into the stream (internal/ledger), and
// when a post is tried again (a queue, behind Queue).
package events

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message/keys"
)

// Batch is the greatest number of entries in one post.
const Batch = 100

// Range is a piece of an account's stream, both ends included.
type Range struct {
	Account string `json:"account"`
	First   string `json:"first"`
	Last    string `json:"last"`
	// Since is when it was handed to the queue; its name does not hold it.
	Since time.Time `json:"since"`
}

// ID names a range; the same range has the same name.
func (r Range) ID() string { return r.Account + "-" + r.First + "-" + r.Last }

// Entry is a final state or a receipt, as the webhook tells it.
type Entry struct {
	ID      string    `json:"id"`
	Kind    string    `json:"kind"`
	OpenID  string    `json:"openid"`
	Batch   string    `json:"batch,omitempty"`
	State   string    `json:"state"`
	ErrCode int       `json:"errcode"`
	MsgID   string    `json:"msgid,omitempty"`
	At      time.Time `json:"at"`
}

// Post is the body of a call.
type Post struct {
	Type      string    `json:"type"` // messages.ended
	Timestamp time.Time `json:"timestamp"`
	Data      Data      `json:"data"`
}

// Data is what happened.
type Data struct {
	Account string  `json:"account"`
	Events  []Entry `json:"events"` // in order; an id may come again with its receipt
}

// Stream reads the accounts' streams in one Redis.
type Stream struct{ redis redis.UniversalClient }

// NewStream returns the streams in the given Redis; the connection belongs to
// the caller.
func NewStream(client redis.UniversalClient) *Stream { return &Stream{client} }

// Read returns what still stands in a range, which may be nothing: the stream
// is cut at about a million entries.
func (s *Stream) Read(ctx context.Context, r Range) ([]Entry, error) {
	rows, err := s.redis.XRangeN(ctx, keys.Events(r.Account), r.First, r.Last, Batch).Result()
	if err != nil {
		return nil, away("events.read", err)
	}
	entries := make([]Entry, len(rows))
	for i, row := range rows {
		entries[i] = entryOf(row.Values)
	}
	return entries, nil
}

func entryOf(values map[string]any) Entry {
	text := func(name string) string { t, _ := values[name].(string); return t }
	number := func(name string) int64 { n, _ := strconv.ParseInt(text(name), 10, 64); return n }
	return Entry{ID: text("id"), Kind: text("kind"), OpenID: text("openid"), Batch: text("batch"), State: text("state"),
		ErrCode: int(number("errcode")), MsgID: text("msgid"), At: time.UnixMilli(number("at")).UTC()}
}

// next returns the range of up to a batch behind the account's place, or false
// when there is nothing. Where nobody has read yet the place is the stream's
// end: a new webhook is not told what happened before it.
func (s *Stream) next(ctx context.Context, account string) (Range, int, error) {
	place, err := s.redis.Get(ctx, keys.Told(account)).Result()
	if err == redis.Nil {
		return Range{}, 0, s.begin(ctx, account)
	}
	if err != nil {
		return Range{}, 0, away("events.next", err)
	}
	rows, err := s.redis.XRangeN(ctx, keys.Events(account), "("+place, "+", Batch).Result()
	if err != nil {
		return Range{}, 0, away("events.next", err)
	}
	if len(rows) == 0 {
		return Range{}, 0, nil
	}
	return Range{account, rows[0].ID, rows[len(rows)-1].ID, time.Now()}, len(rows), nil
}

func (s *Stream) begin(ctx context.Context, account string) error {
	rows, err := s.redis.XRevRangeN(ctx, keys.Events(account), "+", "-", 1).Result()
	if err != nil {
		return away("events.begin", err)
	}
	place := "0-0"
	if len(rows) > 0 {
		place = rows[0].ID
	}
	err = s.redis.SetArgs(ctx, keys.Told(account), place, redis.SetArgs{Mode: "NX"}).Err()
	if err != nil && err != redis.Nil {
		return away("events.begin", err)
	}
	return nil
}

// passed moves the account's place behind a range.
func (s *Stream) passed(ctx context.Context, r Range) error {
	if err := s.redis.Set(ctx, keys.Told(r.Account), r.Last, 0).Err(); err != nil {
		return away("events.passed", err)
	}
	return nil
}

// Encode is a range as a task holds it.
func (r Range) Encode() []byte {
	text, _ := json.Marshal(r) // texts and a time always encode
	return text
}

// Decode reads a task's payload; class Invalid when it is no range.
func Decode(payload []byte) (Range, error) {
	var r Range
	if err := json.Unmarshal(payload, &r); err != nil || r.Account == "" || r.First == "" || r.Last == "" {
		return r, &fault.Error{Op: "events.decode", Class: fault.Invalid, Message: "the task is no range of an account's events"}
	}
	return r, nil
}

func away(op string, err error) error {
	return &fault.Error{Op: op, Class: fault.Unavailable, Message: "Redis did not answer", Err: err}
}
