package intake

import (
	"context"
	"fmt"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

// Marks stops messages in the ledger.
type Marks interface {
	// Cancel marks a message that no run holds; the mark lives keep and never
	// shorter than its task may wait for the deadline. Class Unavailable: it may
	// or may not have been marked; cancel it again.
	Cancel(ctx context.Context, job message.Job, deadline time.Time, keep time.Duration) (ledger.Change, error)
	// KeepPayload keeps a message's content; repeating it changes nothing.
	KeepPayload(ctx context.Context, m *message.Message, keep time.Duration) error
}

// Places is where tasks wait for their time.
type Places interface {
	Waiting
	// Remove takes a task that waits for its time off its queue; others stay.
	// Class Unavailable: remove it again.
	Remove(ctx context.Context, lane message.Lane, id string) (bool, error)
}

// Canceller stops messages. It is safe for concurrent use when its parts are.
type Canceller struct {
	Lookup Lookup
	Marks  Marks
	Places Places
	MaxAge time.Duration // message.max_age: so long may a task wait
	Keep   time.Duration // message.keep
}

const cancelOp = "intake.cancel"

// Cancel stops a message that is not being sent and has not ended: first the
// ledger is marked, then its task is taken away where it waits for its time. A
// pending task stays, finds the mark and sends nothing. Cancelling what is
// cancelled already changes nothing and is no error.
//
// The state is where the message stands now, also beside an error of class
// Conflict: too late, or in doubt because an earlier attempt was never
// answered. Class NotFound: nobody knows the message or the account; class
// Unavailable: Redis is away, so cancel it again.
func (c Canceller) Cancel(ctx context.Context, account, id string) (message.State, error) {
	record, err := c.Lookup.Status(ctx, account, id)
	if err != nil {
		return "", err
	}
	job := stoppable(record)
	change, err := c.Marks.Cancel(ctx, job, job.Message.Deadline(job.Created, c.MaxAge), c.Keep)
	switch {
	case err != nil:
		return "", err
	case change.State == message.Cancelled:
		return change.State, c.takeAway(ctx, record)
	case change.State == message.InDoubt && change.Reason == "cancelled":
		return change.State, c.doubt(ctx, record)
	}
	return change.State, &fault.Error{Op: cancelOp, Class: fault.Conflict, Message: tooLate(id, change.State)}
}

func (c Canceller) takeAway(ctx context.Context, record *message.Record) error {
	_, err := c.Places.Remove(ctx, record.Lane(), record.ID)
	return err
}

// doubt stops what was sent perhaps. Its content is kept before its task goes:
// a person may yet send it again.
func (c Canceller) doubt(ctx context.Context, record *message.Record) error {
	job, err := c.Places.Waiting(ctx, record.Lane(), record.ID)
	if err == nil {
		err = c.Marks.KeepPayload(ctx, job.Message, c.Keep)
	}
	if err == nil {
		err = c.takeAway(ctx, record)
	}
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	return &fault.Error{Op: cancelOp, Class: fault.Conflict, Message: fmt.Sprintf(
		"%s is not tried again, but an earlier attempt was never answered and may have arrived: it is in_doubt until somebody resolves it", record.ID)}
}

// stoppable is as much of a job as a mark needs. A record knows no expires_at,
// so the mark may outlive the task.
func stoppable(r *message.Record) message.Job {
	return message.Job{Created: r.CreatedAt, Message: &message.Message{
		ID: r.ID, Account: r.Account, Kind: r.Kind, Digest: r.Digest, Batch: r.Batch, SendAt: r.SendAt,
		Body: &message.TemplateBody{ToUser: r.OpenID, Template: r.TemplateID},
	}}
}

func tooLate(id string, state message.State) string {
	if state == message.Sending {
		return id + " is too late to cancel: it is being sent right now; ask for its status in a moment, and cancel again if it waits then"
	}
	return fmt.Sprintf("%s is too late to cancel: it is %s", id, state)
}
