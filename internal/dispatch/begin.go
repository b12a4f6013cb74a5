package dispatch

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"log/slog"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
)

const (
	// ledgerTimeout bounds one trip to the ledger; a repeated one is harmless.
	ledgerTimeout = 3 * time.Second
	// ledgerPause is the wait between two trips that failed.
	ledgerPause = 250 * time.Millisecond
)

// begin asks the ledger for leave. The question outlives ctx, since a begin
// that was written and not heard would hold the message; it is repeated with
// the same run until it is answered or the run's window has no room for a
// call. Leave that comes too late, or when ctx is over, is given back, and so is
// what was asked for in vain: before the window ends, since what is still held
// then is taken for a dead run's, which may have sent.
func (d *Dispatcher) begin(ctx context.Context, job message.Job, slot *slot) (string, message.Leave, error) {
	ask := d.attempt(job)
	last := time.Now().Add(d.Rules.Window() - d.Rules.CallTimeout)
	for {
		leave, err := d.ask(ctx, ask, last)
		d.unheard.tell(d.Log, job, err)
		switch {
		case err == nil && leave.Decision != message.Send:
			return ask.Run, leave, nil
		case err == nil:
			d.waited(job, leave)
			if ctx.Err() == nil && d.fresh(ctx, slot, last) {
				return ask.Run, leave, nil
			}
			return ask.Run, message.Leave{}, d.giveBack(ctx, job, ask.Run)
		case ctx.Err() != nil || time.Until(last) <= ledgerPause || !pause(ctx, ledgerPause):
			return ask.Run, message.Leave{}, d.giveBack(ctx, job, ask.Run)
		}
	}
}

// ask is one trip, which comes back by last.
func (d *Dispatcher) ask(ctx context.Context, a message.Attempt, last time.Time) (message.Leave, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), min(ledgerTimeout, time.Until(last)))
	defer cancel()
	return d.Ledger.Begin(ctx, a)
}

func (d *Dispatcher) attempt(job message.Job) message.Attempt {
	return message.Attempt{
		Run:         newRun(),
		Message:     job.Message,
		Created:     job.Created,
		Deadline:    job.Message.Deadline(job.Created, d.Rules.MaxAge),
		Window:      d.Rules.Window(),
		Resend:      d.Rules.resend(job.Message, ""),
		ResendForm:  d.Rules.resend(job.Message, message.FormPermit),
		Need:        permit.Need(job.Message, job.Created, d.Rules.Consents),
		MaxAttempts: d.Rules.MaxAttempts,
		Keep:        d.Rules.Keep,
		Suppress:    d.Rules.suppress(job.Message),
		Quota:       d.quota(job.Message.Kind),
	}
}

// quota is how many of a kind may go today, or nil.
func (d *Dispatcher) quota(kind message.Kind) *int {
	if d.Quota == nil {
		return nil
	}
	if most, limited := d.Quota(kind); limited {
		return &most
	}
	return nil
}

// giveBack settles an attempt that made no call. Its error, never nil, tells
// the caller to come back.
func (d *Dispatcher) giveBack(ctx context.Context, job message.Job, run string) error {
	unsent := message.Answer{Class: fault.Unsent, Message: "not sent: the leave came too late"}
	back := message.Outcome{State: message.Waiting, Reason: "late", GiveBack: true}
	if _, err := d.write(context.WithoutCancel(ctx), job, run, unsent, message.Settlement{Clear: back, Doubt: back}); err != nil {
		return err
	}
	return &fault.Error{Op: "dispatch.begin", Class: fault.Unsent, Message: "the leave came too late for the slot; the attempt was given back"}
}

func (d *Dispatcher) waited(job message.Job, leave message.Leave) {
	if leave.Attempt == 1 && !leave.InDoubt {
		d.Watch.Waited(job.Message, max(0, time.Since(job.Message.Due(job.Created))))
	}
}

// without is the verdict where the ledger gives no leave.
func (d *Dispatcher) without(ctx context.Context, job message.Job, leave message.Leave) message.Verdict {
	m := job.Message
	switch leave.Decision {
	case message.PutOff:
		return message.Verdict{Next: message.Again, After: leave.After, State: leave.State, Reason: leave.Reason, Parked: leave.Parked}
	case message.Conflict:
		d.Watch.Ended(m, message.Refused)
		d.Log.WarnContext(ctx, "refused: the id belongs to other content", slog.String("account", m.Account), slog.String("id", m.ID))
		return message.Verdict{Next: message.Stop, State: message.Refused, Reason: "conflict: the id belongs to other content"}
	}
	if !leave.Before {
		d.Watch.Ended(m, leave.State)
	}
	v := d.end(ctx, job, message.Settled{State: leave.State, Reason: leave.Reason})
	if leave.Before && v.Next == message.Stop { // somebody ran its archived task by hand
		d.Log.InfoContext(ctx, "not sent: the message has ended; to send it again use enqueue replay, or for a doubt enqueue resolve",
			slog.String("account", m.Account), slog.String("id", m.ID), slog.String("state", string(leave.State)), slog.String("reason", leave.Reason))
	}
	return v
}

// newRun names a handler's go at a message: 72 random bits, which no other run
// of the message will ever have.
func newRun() string {
	var b [9]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b[:])
}
