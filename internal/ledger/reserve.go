package ledger

import (
	"context"
	"time"

	"wxdispatch/internal/message"
)

// lookAfter is how long a reservation stands before someone looks whether its
// message was enqueued.
const lookAfter = 5 * time.Minute

// Reservation is the ledger's answer to a Reserve.
type Reservation struct {
	Known  bool          // the id is known: State and Digest say as what
	State  message.State // where it stands; of a new one queued
	Digest string
	Reason string    // of an end; or why there is no permit for it (package permit)
	Left   int       // no permit: uses that the user has now
	Ends   time.Time // no permit: when the last of them ends; zero: none does
	// Unwanted is what keeps it from its user, so that it was not taken.
	Unwanted *message.Suppression
}

// Refused tells that the message was not taken: there is no permit for it.
func (r Reservation) Refused() bool { return !r.Known && r.State == "" && r.Unwanted == nil }

const reserveOp = "ledger.reserve"

// Reserve takes a message in with the permit that it needs, before it is
// enqueued; one trip. A known message is not changed, and what its user wants no
// more is not taken. Class Unavailable: it may or may not have been reserved;
// reserve it again.
func (l *Ledger) Reserve(ctx context.Context, job message.Job, need message.Need, deadline time.Time, keep time.Duration) (Reservation, error) {
	q := reservation(Asked{Job: job, Need: need, Deadline: deadline}, keep)
	answer, err := l.runDurably(ctx, reserveOp, q)
	if err != nil {
		return Reservation{}, err
	}
	return l.reserved(job.Message, answer)
}

// reservation is the question of a reserve.
func reservation(a Asked, keep time.Duration) ask {
	job, need := a.Job, a.Need
	m, to := job.Message, job.Message.Body.Recipient()
	lives := openIDLife(message.Attempt{Created: job.Created, Deadline: a.Deadline, Keep: keep})
	args := []any{m.ID, m.Digest, to, m.Body.TemplateID(), m.Batch, millis(job.Created), millis(m.SendAt), lives.Milliseconds()}
	if need.Code != "" || m.Force { // else nothing to say
		args = append(args, need.Code, typeDigit(need.Type), endSeconds(need.Ends), flag(m.Force))
	}
	return ask{
		decision: reserve,
		account:  m.Account,
		keys:     messageKeys(m.Account, m.ID, to, openIDIndex(m.Account, to, job.Created), m.Batch),
		common:   common(string(m.Kind)+" "+wanted(need), int64(flag(need.Enforce)), lookAfter.Milliseconds()),
		args:     args,
	}
}

// reserved reads the answer to it.
func (l *Ledger) reserved(m *message.Message, answer []any) (Reservation, error) {
	r := reader{op: reserveOp, values: answer}
	how := r.text()
	res := Reservation{Known: how == "known", State: message.State(r.text()), Digest: r.text(), Reason: r.text(),
		Left: r.number(), Ends: r.seconds()}
	l.count(m.Account, r.text())
	if how == "suppressed" {
		if s, ok := readSuppression(m.Body.Recipient(), res.Reason, r.text()); ok {
			res.Unwanted = &s
		} else {
			r.fail("a suppression that says nothing")
		}
	}
	return res, r.err
}

// Unreserve takes a reservation back whose message could not be enqueued.
func (l *Ledger) Unreserve(ctx context.Context, job message.Job) (Change, error) {
	m := job.Message
	to := m.Body.Recipient()
	return l.changeOf(ctx, "ledger.unreserve", ask{
		decision: unreserve,
		account:  m.Account,
		keys:     messageKeys(m.Account, m.ID, to, openIDIndex(m.Account, to, job.Created), m.Batch),
		args:     []any{m.ID, m.Digest},
	})
}
