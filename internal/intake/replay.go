package intake

import (
	"context"
	"fmt"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

// Lives starts the next life of messages.
type Lives interface {
	// Replay starts the next life of a message whose given life ended badly, no
	// later than at on Redis's clock; asking again changes nothing. Class
	// Unavailable: it may or may not have started.
	Replay(ctx context.Context, account, id string, life int, at time.Time) (ledger.Change, error)
}

// Replayer sends bad ends again. It is safe for concurrent use when its parts
// are.
type Replayer struct {
	Lookup  Lookup
	Lives   Lives
	Requeue Requeuer
	// Clock is the time on Redis's clock, which records carry.
	Clock func(ctx context.Context) (time.Time, error)
}

const replayOp = "intake.replay"

// Replay sends a message that ended badly again, in a new life with its history
// kept. A replay that was cut off is brought to its end. The state is where the
// message stands now, also beside an error:
//
// Conflict (it did not end badly; a doubt is for Resolve), NotFound (nobody
// knows it, or its content is no longer kept), Invalid (its expires_at is over),
// Unavailable (Redis is away: replay it again).
func (r Replayer) Replay(ctx context.Context, account, id string) (message.State, error) {
	at, err := r.Clock(ctx)
	if err != nil {
		return "", err
	}
	record, err := r.Lookup.Status(ctx, account, id)
	if err != nil {
		return "", err
	}
	if restarted(record) {
		put, err := r.Requeue.Requeue(ctx, account, id)
		if put || err != nil {
			return record.State, err
		}
	}
	return r.ReplayEnd(ctx, record, at)
}

// ReplayEnd sends the bad end again that a record tells of, unless it changed
// later than at, on Redis's clock: with one time for a whole selection each of
// it is sent once, though some end badly again meanwhile. State and errors are
// Replay's; of an Unavailable that comes after the life was started, Replay
// finishes the rest, and so does the workers' sweep.
func (r Replayer) ReplayEnd(ctx context.Context, record *message.Record, at time.Time) (message.State, error) {
	if !badEnd(record.State) || record.State == message.InDoubt {
		return record.State, notReplayed(record.State)
	}
	m, err := r.Requeue.renew(ctx, replayOp, record.Account, record.ID)
	if err != nil {
		return record.State, err
	}
	if err := spent(replayOp, m, at); err != nil {
		return record.State, err
	}
	// A batch that was cancelled takes nothing; once a life has begun that would
	// be too late to hear.
	if err := r.Requeue.Opener.Open(ctx, m.Lane()); err != nil {
		return record.State, err
	}
	ctx, cancel := toTheEnd(ctx)
	defer cancel()
	change, err := r.Lives.Replay(ctx, record.Account, record.ID, record.Life, at)
	switch {
	case err != nil:
		return record.State, err
	case !change.Changed:
		return change.State, notReplayed(change.State)
	}
	return change.State, r.Requeue.put(ctx, m)
}

// badEnd tells whether a life that ended so is in the index of bad ends.
func badEnd(s message.State) bool { return s.Final() && !s.Good() && s != message.Cancelled }

// restarted tells whether a message waits for the first attempt after a replay
// or a resend.
func restarted(r *message.Record) bool {
	return r.State == message.Waiting && (r.Reason == "replay" || r.Reason == string(ledger.Resend))
}

// notReplayed says why a message in this state is not sent again.
func notReplayed(state message.State) error {
	words := fmt.Sprintf("it is %s; only bad ends are replayed", state)
	switch state {
	case "":
		return &fault.Error{Op: replayOp, Class: fault.NotFound, Message: "its record is no longer kept"}
	case message.Queued, message.Sending, message.Waiting:
		words = fmt.Sprintf("it is under way (%s)", state)
	case message.InDoubt:
		words = "it is in_doubt and may have arrived; end the doubt with resolve"
	case message.Cancelled:
		words = "it was cancelled; hand it over again under a new id"
	case message.Refused, message.Failed, message.Expired, message.Undelivered, message.Unpermitted, message.Suppressed:
		words = fmt.Sprintf("it ended again as %s after this replay began", state)
	}
	return &fault.Error{Op: replayOp, Class: fault.Conflict, Message: words}
}
