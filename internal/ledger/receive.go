package ledger

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// earlyLife is how long a receipt waits for its message.
const earlyLife = time.Hour

// Receipt is WeChat's later word on a message.
type Receipt struct {
	OpenID   string
	Template string // "" where WeChat names none
	MsgID    string
	State    message.State // Delivered or Undelivered
	Word     string        // WeChat's
	At       time.Time     // when WeChat said so, to the second
	Came     time.Time     // when it was pushed here; zero: nobody knows
}

// Reception is what became of a receipt.
type Reception string

// The receptions.
const (
	Counted   Reception = "counted"   // it ended its message
	Known     Reception = "known"     // its message had one, or has ended otherwise; or it waits already
	Unmatched Reception = "unmatched" // no message is known; it is kept for an hour
)

// Receive finds the messages of receipts by their msgids and writes them down,
// many in a few trips, each answered in its place. One that comes before its
// message is settled is kept for an hour, and settle joins it; after lookAfter
// it may end a doubt (EndDoubts), unless that is 0. Class Unavailable: some may
// have been written; give them again, for a receipt twice changes nothing.
func (l *Ledger) Receive(ctx context.Context, account string, receipts []Receipt, keep, lookAfter time.Duration) ([]Reception, error) {
	now := time.Now()
	ids, err := l.byMsgIDs(ctx, account, receipts, now)
	if err != nil {
		return nil, err
	}
	answers := make([]Reception, len(receipts))
	var unknown []int
	for i, id := range ids {
		if id == "" {
			unknown = append(unknown, i)
		}
	}
	if err := l.keepEarly(ctx, account, receipts, unknown, ids, answers, now, lookAfter); err != nil {
		return nil, err
	}
	late, err := l.receiveKnown(ctx, account, receipts, ids, answers, keep)
	if err != nil {
		return nil, err
	}
	l.countArrivals(ctx, account, now, arrivalsOf(receipts, answers, late))
	return answers, nil
}

// arrivalsOf leaves out what came before.
func arrivalsOf(receipts []Receipt, answers []Reception, late map[int]time.Duration) []arrival {
	var list []arrival
	for i, answer := range answers {
		if answer != Known {
			list = append(list, arrival{clip(receipts[i].Word), answer == Counted, late[i]})
		}
	}
	return list
}

// byMsgIDs answers the messages' ids, "" where none is known. Nearly all are
// found in this hour; what is not costs a look at those beside it, and what is
// not there either a look at the whole day.
func (l *Ledger) byMsgIDs(ctx context.Context, account string, receipts []Receipt, now time.Time) ([]string, error) {
	ids := make([]string, len(receipts))
	for _, hours := range [][2]time.Duration{{0, 0}, {-time.Hour, time.Hour}, {-msgIDLife, time.Hour}} {
		pipe := l.redis.Pipeline()
		found := map[int][]*redis.StringCmd{}
		for i, r := range receipts {
			if ids[i] != "" || r.MsgID == "" {
				continue
			}
			for at := now.Add(hours[1]); !at.Before(now.Add(hours[0])); at = at.Add(-time.Hour) {
				found[i] = append(found[i], pipe.HGet(ctx, msgIDIndex(account, r.MsgID, at), r.MsgID))
			}
		}
		if len(found) == 0 {
			break
		}
		if _, err := pipe.Exec(ctx); err != nil && err != redis.Nil {
			return nil, unavailable("ledger.receive", err)
		}
		for i, answers := range found {
			for _, hour := range answers {
				if id := hour.Val(); id != "" {
					ids[i] = id
				}
			}
		}
	}
	return ids, nil
}

// keepEarly keeps the receipts of those places, or learns whose they are after
// all: then ids has it.
func (l *Ledger) keepEarly(ctx context.Context, account string, receipts []Receipt, places []int, ids []string, answers []Reception, now time.Time, lookAfter time.Duration) error {
	asks := make([]ask, 0, len(places))
	for _, i := range places {
		r := receipts[i]
		book := []string{keys.Early(account, r.MsgID), keys.Unmatched(account)}
		for at := now.Add(time.Hour); !at.Before(now.Add(-time.Hour)); at = at.Add(-time.Hour) {
			book = append(book, msgIDIndex(account, r.MsgID, at))
		}
		asks = append(asks, ask{decision: decision{in: earlyScript}, keys: book,
			args: []any{r.MsgID, writeEarly(r), earlyLife.Milliseconds(), lookAfter.Milliseconds()}})
	}
	replies, err := l.runMany(ctx, "ledger.receive", asks)
	if err != nil {
		return err
	}
	for n, i := range places {
		reply := reader{op: "ledger.receive", values: replies[n]}
		id, before := reply.text(), reply.number() == 1
		if reply.err != nil {
			return reply.err
		}
		ids[i] = id
		answers[i] = Unmatched
		if before {
			answers[i] = Known
		}
	}
	return nil
}

// receiveKnown writes down the receipts whose messages are known, and answers how
// late they came.
func (l *Ledger) receiveKnown(ctx context.Context, account string, receipts []Receipt, ids []string, answers []Reception, keep time.Duration) (map[int]time.Duration, error) {
	pipe := l.redis.Pipeline()
	whose := map[int]*redis.SliceCmd{} // openid and batch, which tell where its keys are
	for i, id := range ids {
		if id != "" {
			whose[i] = pipe.HMGet(ctx, keys.Record(account, id), "u", "b")
		}
	}
	if len(whose) == 0 {
		return nil, nil
	}
	if _, err := pipe.Exec(ctx); err != nil && err != redis.Nil {
		return nil, unavailable("ledger.receive", err)
	}
	var asks []ask
	var places []int
	for i, id := range ids {
		if id == "" {
			continue
		}
		places = append(places, i)
		asks = append(asks, receiptAsk(account, id, word(whose[i], 0), word(whose[i], 1), receipts[i], keep, false))
	}
	replies, err := l.runMany(ctx, "ledger.receive", asks)
	if err != nil {
		return nil, err
	}
	late := map[int]time.Duration{}
	for n, i := range places {
		changed, after, err := l.readReception(account, replies[n])
		if err != nil {
			return nil, err
		}
		answers[i] = Known
		if changed {
			answers[i], late[i] = Counted, after
		}
	}
	return late, nil
}

func receiptAsk(account, id, openid, batch string, r Receipt, keep time.Duration, doubt bool) ask {
	return ask{decision: receipt, account: account, keys: messageKeys(account, id, openid, keys.Record(account, id), batch),
		args: []any{id, string(r.State), clip(r.Word), r.At.UnixMilli(), keep.Milliseconds(), clip(r.MsgID), flag(doubt)}}
}

// readReception tells whether a receipt changed its message, and how long after
// the send it came.
func (l *Ledger) readReception(account string, answer []any) (changed bool, late time.Duration, err error) {
	r := reader{op: "ledger.receive", values: answer}
	changed = r.number() == 1
	r.text() // state
	r.text() // reason
	l.count(account, r.text())
	late = r.duration()
	return changed, late, r.err
}

// writeEarly is a receipt as it waits: "at state openid template word".
func writeEarly(r Receipt) string {
	return strconv.FormatInt(r.At.UnixMilli(), 10) + " " + string(r.State) + " " + orDash(r.OpenID) + " " + orDash(r.Template) + " " + clip(r.Word)
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
