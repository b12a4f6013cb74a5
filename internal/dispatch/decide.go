package dispatch

import (
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
)

const (
	// unknownAttempts is how often a code that no table names is met before
	// the message has failed.
	unknownAttempts = 2
	// oneAtATime is the wait after 43108, two sends to one user at once.
	oneAtATime = 2 * time.Second
	// duplicateWindow outlasts WeChat's "duplicate in 60 seconds" (40241).
	duplicateWindow = 61 * time.Second
	// inFlight is how long a message is put off that met a park.
	inFlight = 5 * time.Second
	// templateWrong is WeChat's errcode for a template_id that it does not know,
	// and templateRetries how often it is asked again where it knew it just now.
	templateWrong   = 40037
	templateRetries = 2
	// formUsed is WeChat's errcode for a form_id that was used already.
	formUsed = 41029
)

// Decide says what an answer leads to: when nothing of this life is unanswered
// (Clear), when something is (Doubt), and what stops because of it (Park). It
// is a pure function; chance is in [0, 1) and spreads delays.
func Decide(r Rules, leave message.Leave, a message.Answer, resend time.Duration, now time.Time, chance float64) message.Settlement {
	s := decide(r, leave, a, resend, now, chance)
	s.Sign = sign(a.Class)
	if !permit.Unsettled(a.Code, leave.Permit, now) {
		s.Permit = permit.EndOf(a.Code, leave.Permit.Type)
	}
	return s
}

// sign tells what an answer says of WeChat itself.
func sign(class fault.Class) message.Sign {
	switch class {
	case fault.Busy, fault.Unsent, fault.Unanswered:
		return message.BadSign
	case fault.Token, fault.Unknown, fault.Minute, fault.Daily, fault.Account:
		return message.NoSign
	}
	return message.GoodSign
}

func decide(r Rules, leave message.Leave, a message.Answer, resend time.Duration, now time.Time, chance float64) message.Settlement {
	busy := message.Outcome{State: message.Waiting, Reason: "busy", After: backoff(r, leave.Attempt, chance)}
	switch a.Class {
	case fault.OK:
		return same(message.Outcome{State: message.Accepted})
	case fault.Unanswered:
		return unanswered(r, leave, resend, chance)
	case fault.Busy, fault.Unsent:
		busy.Reason = string(a.Class)
		return counted(r.MaxAttempts, leave, busy)
	case fault.Token:
		busy.Reason = "token"
		return counted(r.MaxAttempts, leave, busy)
	case fault.Unknown:
		busy.Reason = "unknown"
		return counted(min(unknownAttempts, r.MaxAttempts), leave, busy)
	case fault.Concurrency:
		return same(message.Outcome{State: message.Waiting, Reason: "concurrency", After: spread(oneAtATime, chance), GiveBack: true})
	case fault.Minute:
		d := untilMinute(now) + spread(time.Second, chance)
		return parked(message.Park{Scope: message.ScopeKind, Reason: "minute", For: d, Ends: d})
	case fault.Daily:
		d := untilDay(now)
		return parked(message.Park{Scope: message.ScopeKind, Reason: "daily", For: min(r.ProbeInterval, d), Ends: d})
	case fault.Account:
		return parked(message.Park{Scope: a.Hold.Scope, Reason: "account", For: holdFor(r, a.Hold)})
	case fault.Duplicate:
		return duplicate(leave)
	case fault.Permit:
		return withoutPermit(leave, a, now)
	case fault.Payload:
		return badPayload(r, leave, a, chance)
	case fault.Template:
		s := refused(string(a.Class))
		s.Banned = a.Hold.Scope == message.ScopeTemplate
		return s
	}
	return refused(string(a.Class))
}

// same is an outcome that doubt does not change.
func same(o message.Outcome) message.Settlement { return message.Settlement{Clear: o, Doubt: o} }

// counted puts a message off until its attempts are used up.
func counted(most int, leave message.Leave, again message.Outcome) message.Settlement {
	if leave.Attempt < most {
		return same(again)
	}
	return message.Settlement{
		Clear: message.Outcome{State: message.Failed, Reason: "attempts"},
		Doubt: message.Outcome{State: message.InDoubt, Reason: "attempts"},
	}
}

// unanswered sends again where WeChat makes that harmless: at once after the
// first silence, then at growing intervals. A moment beyond that is not
// waited for.
func unanswered(r Rules, leave message.Leave, resend time.Duration, chance float64) message.Settlement {
	doubt := message.Outcome{State: message.InDoubt, Reason: "unanswered"}
	if resend == message.Never || leave.Attempt >= r.MaxAttempts {
		return same(doubt)
	}
	again := message.Outcome{State: message.Waiting, Reason: "unanswered"}
	if leave.InDoubt {
		again.After = backoff(r, leave.Attempt-1, chance)
	}
	if resend > 0 && leave.DoubtFor+again.After >= resend {
		return same(doubt)
	}
	return same(again)
}

// parked stops what the answer reaches, and puts the message off for a moment
// only, uncounted: the park holds it.
func parked(p message.Park) message.Settlement {
	s := same(message.Outcome{State: message.Waiting, Reason: p.Reason, After: inFlight, GiveBack: true})
	s.Park = &p
	return s
}

func holdFor(r Rules, h message.Hold) time.Duration {
	if h.For > 0 {
		return h.For
	}
	return r.ProbeInterval
}

// duplicate: WeChat saw this message already. If one of its attempts is in
// doubt, that one counted; else it may be another message that looks the same.
func duplicate(leave message.Leave) message.Settlement {
	s := message.Settlement{Doubt: message.Outcome{State: message.Accepted}}
	s.Clear = message.Outcome{State: message.Waiting, Reason: "duplicate", After: duplicateWindow}
	if leave.Duplicates > 0 {
		s.Clear = message.Outcome{State: message.Refused, Reason: "duplicate"}
	}
	return s
}

// badPayload ends a message, except that WeChat now and then does not know a
// template that it knows: one that was accepted within the last hour is tried
// again, a while later each time.
func badPayload(r Rules, leave message.Leave, a message.Answer, chance float64) message.Settlement {
	if a.Code != templateWrong || !leave.Proven || leave.Attempt > templateRetries {
		return refused(string(a.Class))
	}
	return same(message.Outcome{State: message.Waiting, Reason: "template_id", After: 4 * backoff(r, leave.Attempt, chance)})
}

// refused ends a message: WeChat will not take it. While an attempt is
// unanswered that is a doubt.
func refused(reason string) message.Settlement {
	return message.Settlement{
		Clear: message.Outcome{State: message.Refused, Reason: reason},
		Doubt: message.Outcome{State: message.InDoubt, Reason: reason},
	}
}

// withoutPermit is where WeChat refuses the permit: a payment that it may not
// know yet is tried again, one from the pool makes room for the next, uncounted
// both. A used form says that an attempt whose answer was lost has counted.
func withoutPermit(leave message.Leave, a message.Answer, now time.Time) message.Settlement {
	if permit.Unsettled(a.Code, leave.Permit, now) {
		return same(message.Outcome{State: message.Waiting, Reason: "permit_young", After: permit.Settled, GiveBack: true})
	}
	s := refused(string(a.Class))
	if leave.Permit.Pooled {
		s.Clear = message.Outcome{State: message.Waiting, Reason: "permit", GiveBack: true}
	}
	if a.Code == formUsed {
		s.Doubt = message.Outcome{State: message.Accepted}
		if leave.Permit.Spent {
			s.Clear = s.Doubt
		}
	}
	return s
}
