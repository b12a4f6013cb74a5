package ledger

import (
	"context"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// Begin asks whether the run a.Run may send a.Message now; one trip.
//
// The answer Send makes the run the message's only holder until a.Window from
// now, on Redis's clock. The same question again is answered the same. An
// error (class Unavailable) leaves it open whether the run holds the message:
// ask again with the same run, or Settle it as given back.
func (l *Ledger) Begin(ctx context.Context, a message.Attempt) (message.Leave, error) {
	m := a.Message
	answer, err := l.run(ctx, "ledger.begin", beginScript,
		[]string{
			keys.Record(m.Account, m.ID), keys.Sending(m.Account), keys.Park(m.Account),
			keys.Ends(m.Account), keys.Events(m.Account),
		},
		a.Run, m.ID, string(m.Kind), m.Digest, m.Body.Recipient(), m.Body.TemplateID(), m.Batch,
		millis(a.Created), millis(m.SendAt), millis(a.Deadline), a.Window.Milliseconds(),
		resendMillis(a.Resend), a.MaxAttempts, a.Keep.Milliseconds(),
	)
	if err != nil {
		return message.Leave{}, err
	}
	return readLeave(answer)
}

func readLeave(answer []any) (message.Leave, error) {
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
	return leave, r.err
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
