package intake

import (
	"context"
	"fmt"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/registry"
)

// Waiting looks into the queues.
type Waiting interface {
	// Where returns those of some lanes whose queues hold a task of this id; one
	// trip. Class Unavailable when that could not be asked.
	Where(ctx context.Context, lanes []message.Lane, id string) ([]message.Lane, error)
	// Waiting returns what the queue of a lane holds under an id and will
	// still run: class NotFound when there is no such task, class Unavailable
	// when that could not be asked.
	Waiting(ctx context.Context, lane message.Lane, id string) (message.Job, error)
}

// Known is what the book knows of messages and batches.
type Known interface {
	// Record returns what became of a message: class NotFound when nothing was
	// tried yet, class Unavailable when that could not be asked.
	Record(ctx context.Context, account, id string) (*message.Record, error)
	// BatchLanes returns where messages of an account's batches may wait; class
	// Unavailable when that could not be asked.
	BatchLanes(ctx context.Context, account string) ([]message.Lane, error)
}

// Lookup tells where messages stand. It is safe for concurrent use when its
// parts are.
type Lookup struct {
	Accounts Accounts
	Book     Known
	Waiting  Waiting
}

// Status returns a message's record; one that waits for its first attempt has
// none yet, and is told as queued. Class NotFound when neither ledger nor queue
// knows it, or nobody knows the account; class Unavailable when Redis is away.
func (l Lookup) Status(ctx context.Context, account, id string) (*message.Record, error) {
	record, err := l.Book.Record(ctx, account, id)
	if !fault.Is(err, fault.NotFound) {
		return record, err
	}
	known, err := l.Accounts.Find(ctx, account)
	if err != nil {
		return nil, err
	}
	lanes, err := l.lanes(ctx, known)
	if err != nil {
		return nil, err
	}
	places, err := l.Waiting.Where(ctx, lanes, id)
	if err != nil {
		return nil, err
	}
	for _, lane := range places {
		job, err := l.Waiting.Waiting(ctx, lane, id)
		if err == nil {
			return queued(job), nil
		}
		if !fault.Is(err, fault.NotFound) {
			return nil, err
		}
	}
	// Between the two looks it may have left the queue and got its record.
	record, err = l.Book.Record(ctx, account, id)
	if fault.Is(err, fault.NotFound) {
		return nil, &fault.Error{Op: "intake.status", Class: fault.NotFound, Message: fmt.Sprintf(
			"account %s has no message %s: it was never taken, or ended longer ago than message.keep", account, id)}
	}
	return record, err
}

// lanes are all that a message of the account may wait in.
func (l Lookup) lanes(ctx context.Context, account registry.Account) ([]message.Lane, error) {
	var lanes []message.Lane
	for _, kind := range account.Type.Kinds() {
		lanes = append(lanes, message.Lane{Account: account.Name, Kind: kind})
	}
	batches, err := l.Book.BatchLanes(ctx, account.Name)
	return append(lanes, batches...), err
}

// queued is the record of a message that only the queue knows.
func queued(job message.Job) *message.Record {
	m := job.Message
	return &message.Record{
		ID: m.ID, Account: m.Account, Kind: m.Kind,
		OpenID: m.Body.Recipient(), TemplateID: m.Body.TemplateID(), Batch: m.Batch,
		State: message.Queued, CreatedAt: job.Created, UpdatedAt: job.Created, SendAt: m.SendAt,
		History: []message.Step{{At: job.Created, State: message.Queued}},
		Digest:  m.Digest, Life: 1,
	}
}
