package ledger

import (
	"context"
	"strconv"
	"time"

	"wxdispatch/internal/message"
)

// Begin asks whether the run a.Run may send a.Message now; one trip.
//
// The answer Send makes the run the message's only holder until a.Window from
// now, on Redis's clock. The same question again is answered the same. An
// error (class Unavailable) leaves it open whether the run holds the message:
// ask again with the same run, or Settle it as given back.
func (l *Ledger) Begin(ctx context.Context, a message.Attempt) (message.Leave, error) {
	answer, err := l.runDurably(ctx, "ledger.begin", beginAsk(a))
	if err != nil {
		return message.Leave{}, err
	}
	return l.readLeave(a.Message.Account, answer)
}

func beginAsk(a message.Attempt) ask {
	m, to := a.Message, a.Message.Body.Recipient()
	args := []any{a.Run, m.ID, m.Digest, to, m.Body.TemplateID(), m.Batch, millis(a.Created), millis(m.SendAt),
		millis(a.Deadline), openIDLife(a).Milliseconds()}
	if suppress := clip(a.Suppress); suppress != "" || a.Need.Code != "" || m.Force { // else nothing to say
		args = append(args, suppress, a.Need.Code, typeDigit(a.Need.Type), endSeconds(a.Need.Ends), flag(m.Force))
	}
	return ask{
		decision: begin,
		account:  m.Account,
		keys:     messageKeys(m.Account, m.ID, to, openIDIndex(m.Account, to, a.Created), m.Batch),
		common: common(string(m.Kind)+" "+wanted(a.Need), a.Window.Milliseconds(), resendMillis(a.Resend), resendMillis(a.ResendForm), int64(a.MaxAttempts),
			a.Keep.Milliseconds(), quotaArg(a.Quota), int64(flag(a.Need.Enforce))),
		args: args,
	}
}

// wanted is what sort of permit a message needs, as the scripts take it.
func wanted(need message.Need) string {
	if need.Want == "" {
		return "none"
	}
	return string(need.Want)
}

// common is what many asks have in common, as lua/turn.lua takes it apart.
func common(kind string, numbers ...int64) string {
	text := append(make([]byte, 0, 64), kind...)
	for _, n := range numbers {
		text = strconv.AppendInt(append(text, ' '), n, 10)
	}
	return string(text)
}

func (l *Ledger) readLeave(account string, answer []any) (message.Leave, error) {
	r := reader{op: "ledger.begin", values: answer}
	leave := message.Leave{
		Decision: message.Decision(r.text()),
		State:    message.State(r.text()),
		Reason:   r.text(),
		After:    r.duration(),
		Attempt:  r.number(),
		Life:     r.number(),
	}
	if doubt := r.duration(); doubt >= 0 {
		leave.InDoubt, leave.DoubtFor = true, doubt
	}
	leave.Duplicates = r.number()
	leave.Before = r.number() == 1
	leave.Outage = r.number() == 1
	leave.Permit = readHeld(r.text(), r.text(), r.seconds())
	l.count(account, r.text())
	leave.Parked = r.number() == 1
	leave.Proven = r.number() == 1
	return leave, r.err
}

// quotaArg is a day's quota as begin takes it.
func quotaArg(q *int) int64 {
	if q == nil {
		return -1
	}
	return int64(*q)
}

// openIDLife is how long a day's index lives: as long as any message of that
// day may have a record. A message without deadline is given a year.
func openIDLife(a message.Attempt) time.Duration {
	waits := 365 * 24 * time.Hour
	if !a.Deadline.IsZero() {
		waits = max(0, a.Deadline.Sub(a.Created))
	}
	return waits + a.Keep + 24*time.Hour
}

// millis is a time as the scripts take it; 0 stands for none.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func resendMillis(d time.Duration) int64 {
	if d < 0 {
		return -1
	}
	return d.Milliseconds()
}
