package intake

import (
	"context"
	"slices"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// Records finds messages by their user.
type Records interface {
	// Find returns the records of an openid that were taken since then, newest
	// first; a long time costs many commands in one trip. Class Unavailable
	// when that could not be asked.
	Find(ctx context.Context, account, openid string, since, now time.Time) ([]*message.Record, error)
}

// Finder looks messages up by their user. It is safe for concurrent use when
// its parts are.
type Finder struct {
	Accounts Accounts
	Records  Records
	Now      func() time.Time // the clock
	MaxAge   time.Duration    // message.max_age
	Keep     time.Duration    // message.keep
}

// Find returns the records of an openid that were taken since then, newest
// first, of one template or, when that is empty, of all. A zero since means all
// that are kept. A message that waits for its first attempt has no record yet
// and is not found. Class NotFound: nobody knows the account; class
// Unavailable: Redis is away.
func (f Finder) Find(ctx context.Context, account, openid, template string, since time.Time) ([]*message.Record, error) {
	if _, err := f.Accounts.Find(ctx, account); err != nil {
		return nil, err
	}
	if openid == "" {
		return nil, &fault.Error{Op: "intake.find", Class: fault.Invalid, Message: "the openid is empty; name a user"}
	}
	now := f.Now()
	// No record is older: it waits for its send_at, ages, and is kept.
	if oldest := now.Add(-farthest - f.MaxAge - f.Keep); since.Before(oldest) {
		since = oldest
	}
	records, err := f.Records.Find(ctx, account, openid, since, now)
	if template != "" {
		records = slices.DeleteFunc(records, func(r *message.Record) bool { return r.TemplateID != template })
	}
	return records, err
}
