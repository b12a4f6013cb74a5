// Package dispatch is the way of one message from the queue to WeChat: token,
// pace, begin, send, settle, verdict.
//
// Its promise: no call without leave from the ledger, no leave without a word
// to the ledger afterwards, and no verdict that the ledger does not know of.
// It decides what an answer means (Decide) and leaves everything else to
// whoever stands behind its small interfaces: the ledger's book, the tokens,
// the slots, the wire, the queue.
package dispatch

import (
	"context"
	"log/slog"
	"time"

	"wxdispatch/internal/message"
)

// shortWait is the longest that a message is waited for in its handler. A
// longer wait goes back to the queue, whose returns stand behind all that
// waits there.
const shortWait = 5 * time.Second

// Dispatcher sends the messages of one kind of one account. It is safe for
// concurrent use and starts no goroutine.
type Dispatcher struct {
	Tokens Tokens
	Pace   Pace
	Ledger Ledger
	Sender Sender
	Watch  Watch
	Rules  Rules
	Log    *slog.Logger
	// Quota tells how many messages of a kind may go today, and whether there is
	// a limit at all; nil: there is none. It may change at any time.
	Quota func(kind message.Kind) (most int, limited bool)
	// Dying closes when what runs must end at once: until then a settle that
	// Redis does not take is repeated.
	Dying <-chan struct{}
	// Unwritten is shared by all dispatchers of the process; nil: there is no other.
	Unwritten *Unwritten

	unheard unheard
}

// Handle brings a message on its way and says what the queue shall do with it.
// When ctx ends it starts no further call, but what was begun is settled. What
// another handler of the process still writes down is put off at once.
func (d *Dispatcher) Handle(ctx context.Context, job message.Job) message.Verdict {
	for {
		if d.Unwritten.has(job.Message) {
			return message.Verdict{Next: message.Again, After: comeBack, State: message.Sending, Reason: "unwritten"}
		}
		verdict := d.once(ctx, job)
		if verdict.Next != message.Again || verdict.Parked || verdict.After > shortWait || !pause(ctx, verdict.After) {
			return verdict
		}
	}
}

// once is one attempt, in the order of DESIGN: nothing slow stands between the
// slot and the call.
func (d *Dispatcher) once(ctx context.Context, job message.Job) message.Verdict {
	if rest := d.Rules.holds(job.Message, time.Now()); rest > 0 {
		return message.Verdict{Next: message.Again, After: rest, State: message.Queued, Reason: "quiet_hours"}
	}
	token, err := d.Tokens.Token(ctx)
	if err != nil {
		return withoutToken(err)
	}
	slot, err := d.slot(ctx, job.Message)
	if err != nil {
		return later(message.Queued, "pace", err)
	}
	defer slot.release()

	run, leave, err := d.begin(ctx, job, slot)
	if err != nil {
		return later(message.Sending, "ledger", err)
	}
	if leave.Decision != message.Send {
		return d.without(ctx, job, leave)
	}
	if leave.Outage {
		if err := d.tryOutage(ctx, job, run, slot); err != nil {
			return later(message.Waiting, "outage", err)
		}
	}
	lasting := context.WithoutCancel(ctx) // what was begun is brought to its end
	answer := d.send(ctx, lasting, job, leave, slot, token)
	slot.release()
	settled, err := d.settle(lasting, job, run, leave, answer)
	if err != nil {
		return later(message.Sending, "ledger", err)
	}
	return d.end(ctx, job, settled)
}

// pause waits for d and tells whether ctx outlasted it.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
