// Package intake is the door that messages come in by, whoever brings them: a
// command, the HTTP API or an app's own Go code. It also tells where a message
// stands.
//
// Its promise: what Take answers without an error is in the queue, or was taken
// before with exactly this content; whatever is taken twice is one task. What
// it refuses it refuses with words that say what was found, what is allowed and
// what to do. It leaves to others how a message is read (internal/message),
// what became of it (internal/ledger) and how it waits (internal/tasks).
package intake

import (
	"context"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/registry"
)

// Accounts knows the accounts.
type Accounts interface {
	// Find returns one account: class NotFound when nobody knows it, class
	// Unavailable when that could not be asked.
	Find(ctx context.Context, name string) (registry.Account, error)
}

// Book knows what was tried.
type Book interface {
	// Record returns what became of a message: class NotFound when nothing was
	// tried yet, class Unavailable when that could not be asked.
	Record(ctx context.Context, account, id string) (*message.Record, error)
}

// Queue holds what waits.
type Queue interface {
	// Put enqueues a message once, and answers true when exactly this message
	// waits already. Class Conflict: other content waits under its id; class
	// Unavailable: it may or may not have been enqueued, so put it again.
	Put(ctx context.Context, m *message.Message, created time.Time) (duplicate bool, err error)
}

// Intake takes messages. It is safe for concurrent use when its parts are.
type Intake struct {
	Accounts Accounts
	Book     Book
	Queue    Queue
	Now      func() time.Time // the clock
	NewID    func() string    // makes the id of a message that has none: ULID
}

// Result is what became of one Take.
type Result struct {
	ID        string
	Account   string
	State     message.State // where the message stands; empty beside an error
	Duplicate bool          // the same message was taken before
	Warnings  []fault.Field // what WeChat takes but drops
}

// Take brings a decoded message into the queue. A message that is known already
// is answered before its times and permit are looked at: an app that repeats
// itself hears how it ended, not that it is late.
//
// Errors: class Invalid (wrong account type or times), NotFound (no such
// account), Unpermitted (nothing allows this send), Conflict (the id has other
// content), Unavailable (Redis is away: it may or may not have been taken, so
// take it again with the id of the Result, which is set beside errors, too).
func (i *Intake) Take(ctx context.Context, m *message.Message) (Result, error) {
	now := i.Now()
	result := Result{ID: m.ID, Account: m.Account, Warnings: m.Warnings}

	m, err := i.name(m)
	if err != nil {
		return result, err
	}
	result.ID = m.ID
	if err := i.belongs(ctx, m); err != nil {
		return result, err
	}
	record, err := i.known(ctx, m)
	if err != nil {
		return result, err
	}
	if record != nil {
		result.State, result.Duplicate = record.State, true
		return result, nil
	}
	if err := inTime(m, now); err != nil {
		return result, err
	}
	if err := permitted(m, now); err != nil {
		return result, err
	}
	result.Duplicate, err = i.Queue.Put(ctx, m, now)
	if err != nil {
		return result, err
	}
	result.State = message.Queued
	if result.Duplicate {
		result.State = i.stands(ctx, m)
	}
	return result, nil
}

// name gives a message without an id one.
func (i *Intake) name(m *message.Message) (*message.Message, error) {
	if m.ID != "" {
		return m, nil
	}
	return m.WithID(i.NewID())
}

// belongs asks whether the account exists and sends this kind.
func (i *Intake) belongs(ctx context.Context, m *message.Message) error {
	account, err := i.Accounts.Find(ctx, m.Account)
	if err != nil {
		return err
	}
	return fits(m, account)
}

// known returns the record of exactly this message, nil when there is none.
func (i *Intake) known(ctx context.Context, m *message.Message) (*message.Record, error) {
	record, err := i.Book.Record(ctx, m.Account, m.ID)
	switch {
	case fault.Is(err, fault.NotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case record.Digest != m.Digest:
		return nil, conflict(record)
	}
	return record, nil
}

// stands tells where a message stands that waits in the queue: the ledger may
// have begun it already. A ledger that does not answer takes nothing back.
func (i *Intake) stands(ctx context.Context, m *message.Message) message.State {
	if record, err := i.known(ctx, m); err == nil && record != nil {
		return record.State
	}
	return message.Queued
}
