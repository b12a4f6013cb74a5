package intake

import (
	"context"
	"fmt"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// Waiting looks into the queues.
type Waiting interface {
	// Waiting returns what the queue of one kind holds under an id and will
	// still run: class NotFound when there is no such task, class Unavailable
	// when that could not be asked.
	Waiting(ctx context.Context, account string, kind message.Kind, id string) (message.Job, error)
}

// Lookup tells where messages stand. It is safe for concurrent use when its
// parts are.
type Lookup struct {
	Accounts Accounts
	Book     Book
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
	for _, kind := range known.Type.Kinds() {
		job, err := l.Waiting.Waiting(ctx, account, kind, id)
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
