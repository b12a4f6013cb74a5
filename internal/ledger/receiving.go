package ledger

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message/keys"
)

// receiving is one Receive. Places are numbers of receipts, ids and answers.
type receiving struct {
	*Ledger
	account         string
	receipts        []Receipt
	now             time.Time
	keep, lookAfter time.Duration

	ids     []string // of the messages; "" while none is known
	answers []Reception
	late    map[int]time.Duration // of what counted, how long after its send it came
}

const receiveOp = "ledger.receive"

// find looks for the messages. Nearly all are found in this hour; what is not
// costs a look at those beside it, and what is not there either a look at the
// whole day.
func (r *receiving) find(ctx context.Context) error {
	for _, hours := range [][2]time.Duration{{0, 0}, {-time.Hour, time.Hour}, {-msgIDLife, time.Hour}} {
		more, err := r.findIn(ctx, r.now.Add(hours[0]), r.now.Add(hours[1]))
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// findIn looks in the hours from first to last, and tells whether there was
// anything to look for.
func (r *receiving) findIn(ctx context.Context, first, last time.Time) (more bool, err error) {
	pipe := r.redis.Pipeline()
	found := map[int][]*redis.StringCmd{}
	for i, receipt := range r.receipts {
		if r.ids[i] != "" || receipt.MsgID == "" {
			continue
		}
		for at := last; !at.Before(first); at = at.Add(-time.Hour) {
			found[i] = append(found[i], pipe.HGet(ctx, msgIDIndex(r.account, receipt.MsgID, at), receipt.MsgID))
		}
	}
	if len(found) == 0 {
		return false, nil
	}
	if _, err := pipe.Exec(ctx); err != nil && err != redis.Nil {
		return false, unavailable(receiveOp, err)
	}
	for i, answers := range found {
		for _, hour := range answers {
			if id := hour.Val(); id != "" {
				r.ids[i] = id
			}
		}
	}
	return true, nil
}

// keepEarly keeps the receipts whose messages nobody knows, or learns whose they
// are after all.
func (r *receiving) keepEarly(ctx context.Context) error {
	var asks []ask
	var places []int
	for i, id := range r.ids {
		if id == "" {
			places, asks = append(places, i), append(asks, r.earlyAsk(r.receipts[i]))
		}
	}
	replies, err := r.runMany(ctx, receiveOp, asks)
	if err != nil {
		return err
	}
	for n, i := range places {
		reply := reader{op: receiveOp, values: replies[n]}
		r.ids[i], r.answers[i] = reply.text(), Unmatched
		if reply.number() == 1 {
			r.answers[i] = Known
		}
		if reply.err != nil {
			return reply.err
		}
	}
	return nil
}

func (r *receiving) earlyAsk(receipt Receipt) ask {
	book := []string{keys.Early(r.account, receipt.MsgID), keys.Unmatched(r.account)}
	for at := r.now.Add(time.Hour); !at.Before(r.now.Add(-time.Hour)); at = at.Add(-time.Hour) {
		book = append(book, msgIDIndex(r.account, receipt.MsgID, at))
	}
	return ask{decision: decision{in: earlyScript}, keys: book,
		args: []any{receipt.MsgID, writeEarly(receipt), earlyLife.Milliseconds(), r.lookAfter.Milliseconds()}}
}

// writeDown ends the messages that are known.
func (r *receiving) writeDown(ctx context.Context) error {
	pipe := r.redis.Pipeline()
	var places []int
	var whose []*redis.SliceCmd // openid and batch, which tell where a message's keys are
	for i, id := range r.ids {
		if id != "" {
			places, whose = append(places, i), append(whose, pipe.HMGet(ctx, keys.Record(r.account, id), "u", "b"))
		}
	}
	if len(places) == 0 {
		return nil
	}
	if _, err := pipe.Exec(ctx); err != nil && err != redis.Nil {
		return unavailable(receiveOp, err)
	}
	asks := make([]ask, len(places))
	for n, i := range places {
		asks[n] = receiptAsk(r.account, r.ids[i], word(whose[n], 0), word(whose[n], 1), r.receipts[i], r.keep, false)
	}
	replies, err := r.runMany(ctx, receiveOp, asks)
	if err != nil {
		return err
	}
	for n, i := range places {
		changed, late, err := r.readReception(r.account, replies[n])
		if err != nil {
			return err
		}
		r.answers[i] = Known
		if changed {
			r.answers[i], r.late[i] = Counted, late
		}
	}
	return nil
}
