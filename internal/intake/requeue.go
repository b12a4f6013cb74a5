package intake

import (
	"context"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// Contents keeps what messages that ended badly, or in doubt, would send.
type Contents interface {
	// KeepPayload keeps a message's content for keep from now; repeating it
	// changes nothing.
	KeepPayload(ctx context.Context, m *message.Message, keep time.Duration) error
	// Payload returns a kept content: class NotFound when none is kept.
	Payload(ctx context.Context, account, id string) (*message.Message, error)
}

// Requeuer puts messages that start anew into their queues. It is safe for
// concurrent use when its parts are.
type Requeuer struct {
	Contents Contents
	Queue    Queue
	Opener   *Opener          // makes batches known
	Now      func() time.Time // the clock
	Keep     time.Duration    // message.keep
}

// Requeue puts a message that the ledger holds as waiting into its queue from
// its kept content, as if it were taken now. It may be repeated, and ends what a
// Replay or Resolve that was cut off began. It answers whether it put the task
// there: false when it waits already, or no content is kept. The content stays
// until the ledger sees a good end.
//
// Class Unavailable: it may or may not be in the queue; requeue it again. Class
// Conflict: other content waits under its id.
func (r Requeuer) Requeue(ctx context.Context, account, id string) (bool, error) {
	m, err := r.Contents.Payload(ctx, account, id)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := r.Opener.Open(ctx, m.Lane()); err != nil {
		return false, err
	}
	duplicate, err := r.Queue.Put(ctx, m, r.Now())
	return err == nil && !duplicate, err
}

func (r Requeuer) put(ctx context.Context, m *message.Message) error {
	if err := r.Opener.Open(ctx, m.Lane()); err != nil {
		return err
	}
	_, err := r.Queue.Put(ctx, m, r.Now())
	return err
}

// renew returns a kept content and keeps it for the whole time from now, so
// that it outlives whatever follows. Class NotFound, with words for people,
// when none is kept.
func (r Requeuer) renew(ctx context.Context, op, account, id string) (*message.Message, error) {
	m, err := r.Contents.Payload(ctx, account, id)
	if fault.Is(err, fault.NotFound) {
		return nil, &fault.Error{Op: op, Class: fault.NotFound, Message: "its content is no longer kept; hand it over again under a new id"}
	}
	if err != nil {
		return nil, err
	}
	return m, r.Contents.KeepPayload(ctx, m, r.Keep)
}

// lastWords is how long the rest of a change may take that has begun.
const lastWords = 5 * time.Second

// toTheEnd is a context for what must be finished once it has begun, though
// the caller gives up.
func toTheEnd(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), lastWords)
}

// spent refuses to start a message anew whose time is over.
func spent(op string, m *message.Message, now time.Time) error {
	if m.ExpiresAt.IsZero() || m.ExpiresAt.After(now) {
		return nil
	}
	return &fault.Error{Op: op, Class: fault.Invalid, Message: "its expires_at, " + stamp(m.ExpiresAt) + ", is over; hand it over under a new id with a later one"}
}
