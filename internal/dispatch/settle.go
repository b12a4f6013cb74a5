package dispatch

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// settle classifies the answer and writes it down, however long Redis takes.
func (d *Dispatcher) settle(ctx context.Context, job message.Job, run string, leave message.Leave, answer message.Answer) (message.Settled, error) {
	decision := Decide(d.Rules, leave, answer, d.Rules.resend(job.Message, leave.Permit.Type), time.Now(), rand.Float64())
	decision.Suppress = d.Rules.switchedOff(job.Message, answer)
	settled, err := d.write(ctx, job, run, answer, decision)
	if err != nil {
		return settled, err
	}
	m := job.Message
	d.Log.DebugContext(ctx, "attempt settled", slog.String("account", m.Account), slog.String("kind", string(m.Kind)),
		slog.String("id", m.ID), slog.String("class", string(answer.Class)), slog.Int("errcode", answer.Code),
		slog.String("rid", answer.RID), slog.String("state", string(settled.State)), slog.Duration("after", settled.After))
	if decision.Park != nil {
		d.Log.WarnContext(ctx, "parked", slog.String("account", m.Account), slog.String("kind", string(m.Kind)),
			slog.String("scope", string(decision.Park.Scope)), slog.String("reason", decision.Park.Reason),
			slog.Int("errcode", answer.Code), slog.String("errmsg", answer.Message), slog.String("rid", answer.RID),
			slog.Duration("for", decision.Park.For))
	}
	if decision.Banned {
		d.Log.ErrorContext(ctx, "WeChat banned a template: it takes nothing from now on; once that is mended, enqueue template unpark, then enqueue replay --template",
			slog.String("account", m.Account), slog.String("template", m.Body.TemplateID()),
			slog.Int("errcode", answer.Code), slog.String("errmsg", answer.Message), slog.String("rid", answer.RID))
	}
	if settled.State.Final() {
		d.Watch.Ended(m, settled.State)
	}
	return settled, nil
}

// write repeats a settle until it is written or the process must end. ctx
// must not end before: an attempt that is not written down is a doubt. Until
// then no other handler of this process begins the message.
func (d *Dispatcher) write(ctx context.Context, job message.Job, run string, answer message.Answer, s message.Settlement) (message.Settled, error) {
	d.Unwritten.add(job.Message)
	defer d.Unwritten.remove(job.Message)
	s.Run, s.Message, s.Answer, s.Keep = run, job.Message, answer, d.Rules.Keep
	for {
		trip, cancel := context.WithTimeout(ctx, ledgerTimeout)
		settled, err := d.Ledger.Settle(trip, s)
		cancel()
		if err == nil || !fault.Is(err, fault.Unavailable) {
			return settled, err
		}
		select {
		case <-d.Dying:
			d.Log.ErrorContext(ctx, "an attempt could not be written down before the end; the next begin will hold it as a doubt",
				slog.String("account", job.Message.Account), slog.String("id", job.Message.ID), slog.String("class", string(answer.Class)))
			return settled, err
		case <-time.After(ledgerPause):
		}
	}
}

// end is the verdict of where a message stands. What ended badly is kept first:
// the task that holds it may be gone before anyone sends it again.
func (d *Dispatcher) end(ctx context.Context, job message.Job, s message.Settled) message.Verdict {
	v := verdict(s)
	if v.Next != message.Stop {
		return v
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ledgerTimeout)
	defer cancel()
	if err := d.Ledger.KeepPayload(ctx, job.Message, d.Rules.Keep); err != nil {
		return later(s.State, "ledger", err)
	}
	return v
}

// verdict is what the queue is told of a message that stands so.
func verdict(s message.Settled) message.Verdict {
	switch {
	case !s.State.Final():
		return message.Verdict{Next: message.Again, After: s.After, State: s.State, Reason: s.Reason, Parked: s.Parked}
	case s.State.Good(), s.State == message.Cancelled, s.State == message.Suppressed:
		return message.Verdict{Next: message.Done, State: s.State, Reason: s.Reason}
	}
	return message.Verdict{Next: message.Stop, State: s.State, Reason: s.Reason}
}

// comeBack is the wait where nobody said how long.
const comeBack = time.Second

// tokenWait is the longest that a message is put off for want of a token: who
// puts the account right should not wait for messages that sleep on. It is more
// than is waited in a handler, since a park mostly follows, which holds them.
const tokenWait = shortWait + time.Second

// withoutToken is later where no token is to be had.
func withoutToken(err error) message.Verdict {
	v := later(message.Queued, "token", err)
	v.After = min(v.After, tokenWait)
	return v
}

// later is the verdict where something of ours is not there: uncounted.
func later(state message.State, what string, err error) message.Verdict {
	reason := what
	if class := fault.ClassOf(err); class != "" {
		reason += ": " + string(class)
	}
	after := fault.RetryAfter(err)
	if after <= 0 {
		after = comeBack
	}
	return message.Verdict{Next: message.Again, After: after, State: state, Reason: reason}
}
