package ledger

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// A receipt's user is looked for in the messages of so long: what is being sent
// today may have been taken a year ago.
const meantSince = 400 * 24 * time.Hour

// EndDoubts takes up to most receipts that stayed without a message for as long
// as Receive was told, and lets each end a doubt where exactly one message can
// be meant (Meant). It answers how many doubts were ended.
//
// Never call it for an account that others send with, too: their receipts have
// no message here, either.
func (l *Ledger) EndDoubts(ctx context.Context, account string, keep time.Duration, most int64) (int, error) {
	msgids, err := l.due(ctx, "ledger.unmatched", keys.Unmatched(account), most)
	if err != nil {
		return 0, err
	}
	ended := 0
	for _, msgid := range msgids {
		changed, err := l.endDoubt(ctx, account, msgid, keep)
		if err != nil {
			return ended, err
		}
		if changed {
			ended++
		}
		if err := l.redis.ZRem(ctx, keys.Unmatched(account), msgid).Err(); err != nil {
			return ended, unavailable("ledger.unmatched", err)
		}
	}
	return ended, nil
}

func (l *Ledger) endDoubt(ctx context.Context, account, msgid string, keep time.Duration) (bool, error) {
	text, err := l.redis.Get(ctx, keys.Early(account, msgid)).Result()
	if err == redis.Nil {
		return false, nil
	}
	if err != nil {
		return false, unavailable("ledger.unmatched", err)
	}
	r, ok := readEarly(msgid, text)
	if !ok {
		return false, nil
	}
	now, err := l.redis.Time(ctx).Result()
	if err != nil {
		return false, unavailable("ledger.unmatched", err)
	}
	records, err := l.Find(ctx, account, r.OpenID, now.Add(-meantSince), now)
	if err != nil {
		return false, err
	}
	meant := Meant(records, r, now)
	if meant == nil {
		return false, nil
	}
	answers, err := l.runMany(ctx, "ledger.unmatched", []ask{receiptAsk(account, meant.ID, r.OpenID, meant.Batch, r, keep, true)})
	if err != nil {
		return false, err
	}
	changed, _, err := l.readReception(account, answers[0])
	if err != nil || !changed {
		return false, err
	}
	if err := l.redis.Del(ctx, keys.Early(account, msgid)).Err(); err != nil {
		return true, unavailable("ledger.unmatched", err)
	}
	return true, nil
}

// Meant returns the doubt that a receipt without a message ends, or nil: of all
// the user's messages that are being sent, in doubt, or ended without a msgid in
// the last hour, exactly one can be meant, and that one is in doubt. A message
// cannot be meant that names another template, or whose first attempt began
// after WeChat spoke, whose CreateTime has whole seconds.
func Meant(records []*message.Record, r Receipt, now time.Time) *message.Record {
	can := slices.DeleteFunc(slices.Clone(records), func(rec *message.Record) bool {
		return !open(rec, now) || r.Template != "" && rec.TemplateID != r.Template || r.At.Before(attempted(rec).Truncate(time.Second))
	})
	if len(can) != 1 || can[0].State != message.InDoubt || !tells(can[0].Kind, r.Template != "") {
		return nil
	}
	return can[0]
}

// open tells whether a message was tried and WeChat's msgid for it is not known.
func open(rec *message.Record, now time.Time) bool {
	switch {
	case rec.SentAt.IsZero() || rec.MsgID != "" || rec.Receipt != nil:
		return false
	case rec.State.Final() && rec.State != message.InDoubt:
		return now.Sub(rec.UpdatedAt) <= time.Hour
	}
	return true
}

// attempted is when the first attempt that may be meant began, or no later.
func attempted(rec *message.Record) time.Time {
	switch {
	case !rec.Open.IsZero():
		return rec.Open
	case rec.Attempts == 1:
		return rec.SentAt
	}
	return rec.CreatedAt
}

// tells says whether WeChat pushes such an event of a kind: subscription events
// name the template, that of template messages does not.
func tells(kind message.Kind, named bool) bool {
	switch kind {
	case message.Subscribe, message.Bizsend:
		return named
	case message.Onetime:
		return true // nobody knows which
	}
	return !named
}

func readEarly(msgid, text string) (Receipt, bool) {
	parts := strings.SplitN(text, " ", 5)
	if len(parts) != 5 {
		return Receipt{}, false
	}
	r := Receipt{MsgID: msgid, At: moment(parts[0]), State: message.State(parts[1]), OpenID: parts[2], Template: parts[3], Word: parts[4]}
	if r.Template == "-" {
		r.Template = ""
	}
	return r, r.OpenID != "-"
}
