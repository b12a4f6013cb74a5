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
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
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
	// SuppressedBy returns what keeps messages of a template from a user, or nil;
	// class Unavailable when that could not be asked.
	SuppressedBy(ctx context.Context, account, openid, template string) (*message.Suppression, error)
}

// Permits is the book of what WeChat lets an app send.
type Permits interface {
	// Reserve takes a message in with the permit that it needs; a known message
	// is not changed. Class Unavailable: it may or may not have been reserved;
	// reserve it again.
	Reserve(ctx context.Context, job message.Job, need message.Need, deadline time.Time, keep time.Duration) (ledger.Reservation, error)
	// Unreserve takes that back, unless a run has begun the message.
	Unreserve(ctx context.Context, job message.Job) (ledger.Change, error)
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
	Permits  Permits
	Queue    Queue
	Asks     Asks             // the ledger, for TakeMany
	Puts     Puts             // the queue, for TakeMany
	Opener   *Opener          // makes batches known; nil: messages of batches are nobody's
	Now      func() time.Time // the clock
	NewID    func() string    // makes the id of a message that has none: ULID
	MaxAge   time.Duration    // message.max_age: so long may a message wait
	Keep     time.Duration    // message.keep
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
// account), Unpermitted (nothing allows this send), Suppressed (the user wants no
// such message), Conflict (the id has other
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
	account, err := i.belongs(ctx, m)
	if err != nil {
		return result, err
	}
	if err := i.wanted(ctx, m); err != nil {
		return result, err
	}
	job := message.Job{Message: m, Created: now}
	if need := permit.Need(m, now, account.Policy()); reserves(m, need) {
		return i.takeReserved(ctx, job, need, result)
	}
	record, err := i.known(ctx, m)
	if err != nil {
		return result, err
	}
	if record != nil {
		return repeated(result, record.State), nil
	}
	if err := inTime(m, now); err != nil {
		return result, err
	}
	return i.put(ctx, job, result)
}

func repeated(r Result, state message.State) Result {
	r.State, r.Duplicate = state, true
	return r
}

// put enqueues a message.
func (i *Intake) put(ctx context.Context, job message.Job, result Result) (Result, error) {
	if err := i.opens(ctx, job.Message.Lane()); err != nil {
		return result, err
	}
	duplicate, err := i.Queue.Put(ctx, job.Message, job.Created)
	if err != nil {
		return result, err
	}
	result.State, result.Duplicate = message.Queued, duplicate
	if duplicate {
		result.State = i.stands(ctx, job.Message)
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
func (i *Intake) belongs(ctx context.Context, m *message.Message) (registry.Account, error) {
	account, err := i.Accounts.Find(ctx, m.Account)
	if err != nil {
		return account, err
	}
	return account, fits(m, account)
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
		return nil, conflict(m.ID, record.State)
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
