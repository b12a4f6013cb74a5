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
	m := job.Message
	ask := message.Attempt{Created: job.Created, Deadline: deadline, Keep: keep}
	lives := openIDLife(ask)
	return l.changeOf(ctx, "ledger.cancel", cancelScript, m.Account, bookKeys(m.Account, m.ID, m.Body.Recipient(), openIDIndex(m.Account, m.Body.Recipient(), job.Created), ""),
		m.ID, string(m.Kind), m.Digest, m.Body.Recipient(), m.Body.TemplateID(), m.Batch,
		millis(job.Created), millis(m.SendAt), lives.Milliseconds(), lives.Milliseconds())
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
	return l.change(ctx, "ledger.resolve", resolveScript, account, id,
		id, string(how), keep.Milliseconds(), clip(by))
}

// Replay starts the next life of a message that ended badly in the given life,
// no later than at. After it its task must be put into the queue again. Doubts
// are for Resolve.
func (l *Ledger) Replay(ctx context.Context, account, id string, life int, at time.Time) (Change, error) {
	return l.change(ctx, "ledger.replay", replayScript, account, id, id, life, at.UnixMilli())
}

// Receipt writes down WeChat's later word: delivered or undelivered. It counts
// once a life, for a message that was accepted or is in doubt.
func (l *Ledger) Receipt(ctx context.Context, account, id string, state message.State, word string, at time.Time, keep time.Duration) (Change, error) {
	return l.change(ctx, "ledger.receipt", receiptScript, account, id,
		id, string(state), clip(word), at.UnixMilli(), keep.Milliseconds())
}

// Abandon ends a message under way whose task is gone from the queue: in doubt
// when it may have been sent, cancelled otherwise. What a run holds is left
// alone.
func (l *Ledger) Abandon(ctx context.Context, account, id string, keep time.Duration) (Change, error) {
	return l.change(ctx, "ledger.abandon", abandonScript, account, id, id, keep.Milliseconds())
}

// change carries out a script on a message that has a record, whose openid tells
// where its permits are; nobody changes that while the id is known.
func (l *Ledger) change(ctx context.Context, op string, script *redis.Script, account, id string, args ...any) (Change, error) {
	openid, err := l.redis.HGet(ctx, keys.Record(account, id), "u").Result()
	if err != nil && err != redis.Nil {
		return Change{}, unavailable(op, err)
	}
	return l.changeOf(ctx, op, script, account, bookKeys(account, id, openid, keys.Record(account, id), ""), args...)
}

func (l *Ledger) changeOf(ctx context.Context, op string, script *redis.Script, account string, book []string, args ...any) (Change, error) {
	answer, err := l.run(ctx, op, script, book, args...)
	if err != nil {
		return Change{}, err
	}
	r := reader{op: op, values: answer}
	c := Change{Changed: r.number() == 1, State: message.State(r.text()), Reason: r.text()}
	l.count(account, r.text())
	return c, r.err
}
