package ledger

import (
	"context"
	"encoding/json"
	"time"
	"unicode/utf8"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// msgIDLife is how long WeChat's msgid leads to its message: receipts come
// within minutes, and none was seen after a day.
const msgIDLife = 24 * time.Hour

// An outage: so many bad attempts of a kind in a row park it, for a time that
// doubles with each try that finds WeChat still away.
const (
	outageAfter = 10
	outageFirst = 10 * time.Second
	outageMost  = time.Minute
)

// outage is how long a kind is parked while WeChat is away.
type outage struct{ first, most time.Duration }

// maxValue is the longest value of a record in bytes: a longer one would turn
// the small hash into a big one (hash-max-listpack-value).
const maxValue = 64

// Settle writes down what came of an attempt and answers where the message
// stands now; one trip.
//
// A run that was taken over changes only what the ledger still owes it: an ok
// makes the message accepted, another word closes its attempt. Repeating a
// settle changes nothing. An error (class Unavailable) leaves it open whether
// it was written: settle again.
func (l *Ledger) Settle(ctx context.Context, s message.Settlement) (message.Settled, error) {
	answer, err := l.run(ctx, "ledger.settle", l.settleAsk(s))
	if err != nil {
		return message.Settled{}, err
	}
	r := reader{op: "ledger.settle", values: answer}
	settled := message.Settled{State: message.State(r.text()), Reason: r.text(), After: r.duration()}
	l.count(s.Message.Account, r.text())
	settled.Parked = r.number() == 1
	return settled, r.err
}

func (l *Ledger) settleAsk(s message.Settlement) ask {
	m, a := s.Message, s.Answer
	q := ask{
		decision: settle,
		account:  m.Account,
		keys: append(messageKeys(m.Account, m.ID, m.Body.Recipient(), msgIDIndex(m.Account, a.MsgID, time.Now()), m.Batch),
			keys.Early(m.Account, a.MsgID)),
		common: common(string(m.Kind), s.Keep.Milliseconds(), msgIDLife.Milliseconds(),
			outageAfter, l.outage.first.Milliseconds(), l.outage.most.Milliseconds()),
	}
	if isPlain(s) {
		q.decision, q.args = accept, []any{s.Run, m.ID, clip(a.MsgID), clip(a.RID)}
	} else {
		q.args = l.settleArgs(s)
	}
	return q
}

// isPlain tells whether WeChat took the message and nothing else is to be
// written down.
func isPlain(s message.Settlement) bool {
	accepted := message.Outcome{State: message.Accepted}
	return s.Answer.Class == fault.OK && s.Answer.Code == 0 && s.Clear == accepted && s.Doubt == accepted &&
		s.Park == nil && s.Sign == message.GoodSign && s.Permit == "" && s.Suppress == 0 && !s.Banned
}

func (l *Ledger) settleArgs(s message.Settlement) []any {
	m, a := s.Message, s.Answer
	words := a.Message
	if a.Class == fault.OK {
		words = "" // "ok" says nothing, a million times
	}
	args := append(make([]any, 0, 26), s.Run, m.ID, flag(a.Class != fault.Unanswered))
	args = append(args, outcomeArgs(s.Clear)...)
	args = append(args, outcomeArgs(s.Doubt)...)
	args = append(args, a.Code, clip(words), clip(a.RID), clip(a.MsgID), flag(a.Class == fault.Duplicate))
	args = append(args, parkArgs(m.Kind, s.Park)...)
	return append(args, signArg(s.Sign), string(s.Permit), l.parkInfo(s), flag(uncounted[a.Class]), s.Suppress.Milliseconds(), flag(s.Banned))
}

func outcomeArgs(o message.Outcome) []any {
	return []any{string(o.State), clip(o.Reason), o.After.Milliseconds(), flag(o.GiveBack)}
}

func parkArgs(kind message.Kind, p *message.Park) []any {
	if p == nil {
		return []any{"", 0, "", 0}
	}
	scope := "*"
	if p.Scope == message.ScopeKind {
		scope = string(kind)
	}
	return []any{scope, p.For.Milliseconds(), p.Reason, p.Ends.Milliseconds()}
}

// parkInfo is what a park tells of the answer that led to it.
func (l *Ledger) parkInfo(s message.Settlement) string {
	if s.Park == nil && s.Sign != message.BadSign && !s.Banned {
		return ""
	}
	text, _ := json.Marshal(ParkInfo{By: "wechat", ErrCode: s.Answer.Code, ErrMsg: s.Answer.Message, RID: s.Answer.RID, Host: l.host})
	return string(text)
}

// uncounted are the classes of calls that WeChat counts for no quota: what never
// reached it, and what it turned away before it looked at the message.
var uncounted = map[fault.Class]bool{
	fault.Unsent: true, fault.Busy: true, fault.Token: true, fault.Minute: true, fault.Daily: true, fault.Account: true,
}

func signArg(s message.Sign) string {
	switch s {
	case message.GoodSign:
		return "1"
	case message.BadSign:
		return "0"
	}
	return ""
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// clip shortens text to maxValue bytes without cutting a character.
func clip(text string) string {
	if len(text) <= maxValue {
		return text
	}
	end := maxValue
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}
