package ledger

import (
	"context"
	"strconv"
	"time"

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
	r := &receiving{Ledger: l, account: account, receipts: receipts, keep: keep, lookAfter: lookAfter, now: time.Now(),
		ids: make([]string, len(receipts)), answers: make([]Reception, len(receipts)), late: map[int]time.Duration{}}
	for _, step := range []func(context.Context) error{r.find, r.keepEarly, r.writeDown} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	l.countArrivals(ctx, account, r.now, arrivalsOf(receipts, r.answers, r.late))
	return r.answers, nil
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

func receiptAsk(account, id, openid, batch string, r Receipt, keep time.Duration, doubt bool) ask {
	return ask{decision: receipt, account: account, keys: messageKeys(account, id, openid, keys.Record(account, id), batch),
		args: []any{id, string(r.State), clip(r.Word), r.At.UnixMilli(), keep.Milliseconds(), clip(r.MsgID), flag(doubt)}}
}

// readReception tells whether a receipt changed its message, and how long after
// the send it came.
func (l *Ledger) readReception(account string, answer []any) (changed bool, late time.Duration, err error) {
	r := reader{op: receiveOp, values: answer}
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
