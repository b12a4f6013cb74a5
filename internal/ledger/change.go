package ledger

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// Change is what a person, an app or WeChat asked of a message, and what came
// of it.
type Change struct {
	Changed bool          // false: it stands as it did, and State says why
	State   message.State // where it stands now; empty: there is no such record
	Reason  string
}

// Cancel stops a message that no run has begun, or that waits between two
// attempts. What is being sent, and what is final, is not changed. The mark
// lives keep, and never shorter than the message's task may wait.
func (l *Ledger) Cancel(ctx context.Context, job message.Job, deadline time.Time, keep time.Duration) (Change, error) {
	a := cancelAsk(job, deadline, keep, "cancelled")
	return l.changeOf(ctx, "ledger.cancel", a)
}

// CancelMany cancels messages of a batch, as Cancel does, in one trip.
func (l *Ledger) CancelMany(ctx context.Context, account string, jobs []message.Job, deadlines []time.Time, keep time.Duration) ([]Change, error) {
	asks := make([]ask, len(jobs))
	for i, job := range jobs {
		asks[i] = cancelAsk(job, deadlines[i], keep, "batch_cancelled")
		asks[i].args[8] = keep.Milliseconds() // its task is taken away, so the mark need not outlive it
	}
	answers, err := l.runMany(ctx, "ledger.cancel", asks)
	if err != nil {
		return nil, err
	}
	changes := make([]Change, len(jobs))
	for i, answer := range answers {
		if changes[i], err = l.readChange("ledger.cancel", account, answer); err != nil {
			return nil, err
		}
	}
	return changes, nil
}

func cancelAsk(job message.Job, deadline time.Time, keep time.Duration, why string) ask {
	m := job.Message
	lives := openIDLife(message.Attempt{Created: job.Created, Deadline: deadline, Keep: keep}).Milliseconds()
	to := m.Body.Recipient()
	return ask{decision: cancel, account: m.Account, keys: messageKeys(m.Account, m.ID, to, openIDIndex(m.Account, to, job.Created), m.Batch),
		args: []any{m.ID, string(m.Kind), m.Digest, to, m.Body.TemplateID(), m.Batch, millis(job.Created), millis(m.SendAt), lives, lives, why}}
}

// Resolution is how a doubt is ended.
type Resolution string

// The resolutions.
const (
	Sent   Resolution = "sent"   // it arrived: accepted
	Resend Resolution = "resend" // send it again, in the same life
	Drop   Resolution = "drop"   // leave it: failed
)

// Resolve ends a doubt; by is who or what did, a word for the history. After
// Resend its task must be put into the queue again.
func (l *Ledger) Resolve(ctx context.Context, account, id string, how Resolution, by string, keep time.Duration) (Change, error) {
	return l.change(ctx, "ledger.resolve", resolve, account, id,
		id, string(how), keep.Milliseconds(), clip(by))
}

// Replay starts the next life of a message that ended badly in the given life,
// no later than at. After it its task must be put into the queue again. Doubts
// are for Resolve.
func (l *Ledger) Replay(ctx context.Context, account, id string, life int, at time.Time) (Change, error) {
	return l.change(ctx, "ledger.replay", replay, account, id, id, life, at.UnixMilli())
}

// Receipt writes down WeChat's later word: delivered or undelivered. It counts
// once a life, for a message that was accepted or is in doubt.
func (l *Ledger) Receipt(ctx context.Context, account, id string, state message.State, word string, at time.Time, keep time.Duration) (Change, error) {
	return l.change(ctx, "ledger.receipt", receipt, account, id,
		id, string(state), clip(word), at.UnixMilli(), keep.Milliseconds())
}

// Abandon ends a message under way whose task is gone from the queue: in doubt
// when it may have been sent, cancelled otherwise. What a run holds is left
// alone.
func (l *Ledger) Abandon(ctx context.Context, account, id string, keep time.Duration) (Change, error) {
	return l.change(ctx, "ledger.abandon", abandon, account, id, id, keep.Milliseconds())
}

// change carries out a script on a message that has a record, whose openid
// and batch tell where its permits and counts are; nobody changes those while
// the id is known.
func (l *Ledger) change(ctx context.Context, op string, what decision, account, id string, args ...any) (Change, error) {
	whose := l.redis.HMGet(ctx, keys.Record(account, id), "u", "b")
	if err := whose.Err(); err != nil {
		return Change{}, unavailable(op, err)
	}
	return l.changeOf(ctx, op, ask{
		decision: what,
		account:  account,
		keys:     messageKeys(account, id, word(whose, 0), keys.Record(account, id), word(whose, 1)),
		args:     args,
	})
}

func (l *Ledger) changeOf(ctx context.Context, op string, a ask) (Change, error) {
	answer, err := l.run(ctx, op, a)
	if err != nil {
		return Change{}, err
	}
	return l.readChange(op, a.account, answer)
}

func (l *Ledger) readChange(op, account string, answer []any) (Change, error) {
	r := reader{op: op, values: answer}
	c := Change{Changed: r.number() == 1, State: message.State(r.text()), Reason: r.text()}
	l.count(account, r.text())
	return c, r.err
}

// word is the n-th of several fields, empty where there is none.
func word(fields *redis.SliceCmd, n int) string {
	values := fields.Val()
	if n >= len(values) {
		return ""
	}
	text, _ := values[n].(string)
	return text
}
