package intake

import (
	"context"
	"fmt"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

// Doubts ends doubts in the ledger.
type Doubts interface {
	// Resolve ends a doubt; by is who did, a word for the history. Asking again
	// changes nothing. Class Unavailable: it may or may not have ended.
	Resolve(ctx context.Context, account, id string, how ledger.Resolution, by string, keep time.Duration) (ledger.Change, error)
}

// Resolver ends doubts. It is safe for concurrent use when its parts are.
type Resolver struct {
	Lookup  Lookup
	Doubts  Doubts
	Requeue Requeuer
	By      string // who asks, a word for the history: operator, app
}

const resolveOp = "intake.resolve"

// Resolve ends a doubt as somebody who knows says. Sent: it arrived, so it
// counts as accepted. Resend: it did not, so it is sent again, in the same
// life. Drop: it is left as failed, and may be replayed later. A Resolve that
// was cut off may be repeated.
//
// The state is where the message stands now, also beside an error: Conflict (it
// is not in doubt), NotFound (nobody knows it; for Resend: its content is no
// longer kept), Invalid (Resend: its expires_at is over), Unavailable (Redis is
// away: resolve it again).
func (r Resolver) Resolve(ctx context.Context, account, id string, how ledger.Resolution) (message.State, error) {
	record, err := r.Lookup.Status(ctx, account, id)
	if err != nil {
		return "", err
	}
	switch {
	case how == ledger.Resend && restarted(record):
		put, err := r.Requeue.Requeue(ctx, account, id)
		if put || err != nil {
			return record.State, err
		}
		return record.State, notInDoubt(record.State)
	case record.State != message.InDoubt:
		return record.State, notInDoubt(record.State)
	}
	m, err := r.Requeue.renew(ctx, resolveOp, account, id)
	switch {
	case how == ledger.Resend && err != nil:
		return record.State, err
	case how == ledger.Resend:
		return r.resend(ctx, m)
	case err != nil && !fault.Is(err, fault.NotFound):
		return record.State, err
	}
	return r.end(ctx, account, id, how)
}

// resend changes the ledger first and puts the task after: what dies between
// leaves a waiting record with its content, which Requeue puts back.
func (r Resolver) resend(ctx context.Context, m *message.Message) (message.State, error) {
	if err := spent(resolveOp, m, r.Requeue.Now()); err != nil {
		return message.InDoubt, err
	}
	if err := r.Requeue.Opener.Open(ctx, m.Lane()); err != nil {
		return message.InDoubt, err
	}
	ctx, cancel := toTheEnd(ctx)
	defer cancel()
	state, err := r.change(ctx, m.Account, m.ID, ledger.Resend)
	if err != nil {
		return state, err
	}
	return state, r.Requeue.put(ctx, m)
}

func (r Resolver) end(ctx context.Context, account, id string, how ledger.Resolution) (message.State, error) {
	ctx, cancel := toTheEnd(ctx)
	defer cancel()
	return r.change(ctx, account, id, how)
}

func (r Resolver) change(ctx context.Context, account, id string, how ledger.Resolution) (message.State, error) {
	change, err := r.Doubts.Resolve(ctx, account, id, how, r.By, r.Requeue.Keep)
	if err == nil && !change.Changed {
		err = notInDoubt(change.State)
	}
	return change.State, err
}

func notInDoubt(state message.State) error {
	return &fault.Error{Op: resolveOp, Class: fault.Conflict, Message: fmt.Sprintf("it is %s, not in_doubt; there is no doubt to end", state)}
}
