package dispatch

import (
	"testing"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

var testRules = Rules{
	MaxAttempts: 3, MinDelay: time.Second, MaxDelay: time.Minute, Keep: time.Hour,
	CallTimeout: 5 * time.Second, ProbeInterval: 10 * time.Minute,
}

// noon in China, 20 s before the next minute.
var noon = time.Date(2026, 11, 22, 11, 59, 40, 0, china)

func TestDecide(t *testing.T) {
	first, last := message.Leave{Attempt: 1}, message.Leave{Attempt: 3}
	doubtful := message.Leave{Attempt: 2, InDoubt: true, DoubtFor: time.Minute}
	again := func(reason string, after time.Duration) message.Outcome {
		return message.Outcome{State: message.Waiting, Reason: reason, After: after}
	}
	uncounted := func(reason string, after time.Duration) message.Outcome {
		o := again(reason, after)
		o.GiveBack = true
		return o
	}
	end := func(state message.State, reason string) message.Outcome {
		return message.Outcome{State: state, Reason: reason}
	}
	for _, c := range []struct {
		name   string
		leave  message.Leave
		answer message.Answer
		resend time.Duration
		clear  message.Outcome
		doubt  message.Outcome
		park   *message.Park
	}{
		{"ok", first, message.Answer{Class: fault.OK}, 0, end(message.Accepted, ""), end(message.Accepted, ""), nil},
		{"busy", first, message.Answer{Class: fault.Busy, Code: -1}, 0, again("busy", time.Second), again("busy", time.Second), nil},
		{"busy doubles", message.Leave{Attempt: 2}, message.Answer{Class: fault.Busy}, 0, again("busy", 2*time.Second), again("busy", 2*time.Second), nil},
		{"busy, attempts used up", last, message.Answer{Class: fault.Busy}, 0, end(message.Failed, "attempts"), end(message.InDoubt, "attempts"), nil},
		{"surely unsent", first, message.Answer{Class: fault.Unsent}, 0, again("unsent", time.Second), again("unsent", time.Second), nil},
		{"a template that nobody knows", first, message.Answer{Class: fault.Payload, Code: 40037}, 0, end(message.Refused, "payload"), end(message.InDoubt, "payload"), nil},
		{"a template that was good an hour ago", message.Leave{Attempt: 1, Proven: true}, message.Answer{Class: fault.Payload, Code: 40037}, 0, again("template_id", 4*time.Second), again("template_id", 4*time.Second), nil},
		{"the same, second time", message.Leave{Attempt: 2, Proven: true}, message.Answer{Class: fault.Payload, Code: 40037}, 0, again("template_id", 8*time.Second), again("template_id", 8*time.Second), nil},
		{"the same, third time", message.Leave{Attempt: 3, Proven: true}, message.Answer{Class: fault.Payload, Code: 40037}, 0, end(message.Refused, "payload"), end(message.InDoubt, "payload"), nil},
		{"another mistake of a good template", message.Leave{Attempt: 1, Proven: true}, message.Answer{Class: fault.Payload, Code: 47003}, 0, end(message.Refused, "payload"), end(message.InDoubt, "payload"), nil},
		{"unknown code", first, message.Answer{Class: fault.Unknown, Code: 99999}, 0, again("unknown", time.Second), again("unknown", time.Second), nil},
		{"unknown code, second time", message.Leave{Attempt: 2}, message.Answer{Class: fault.Unknown, Code: 99999}, 0, end(message.Failed, "attempts"), end(message.InDoubt, "attempts"), nil},
		{"token after the resend", first, message.Answer{Class: fault.Token, Code: 40001}, 0, again("token", time.Second), again("token", time.Second), nil},
		{"two at once", first, message.Answer{Class: fault.Concurrency, Code: 43108}, 0, uncounted("concurrency", oneAtATime), uncounted("concurrency", oneAtATime), nil},

		{"minute", first, message.Answer{Class: fault.Minute, Code: 45011}, 0, uncounted("minute", inFlight), uncounted("minute", inFlight),
			&message.Park{Scope: message.ScopeKind, Reason: "minute", For: 21 * time.Second, Ends: 21 * time.Second}},
		{"daily", last, message.Answer{Class: fault.Daily, Code: 45009}, 0, uncounted("daily", inFlight), uncounted("daily", inFlight),
			&message.Park{Scope: message.ScopeKind, Reason: "daily", For: 10 * time.Minute, Ends: 12*time.Hour + 20*time.Second}},
		{"account", first, message.Answer{Class: fault.Account, Code: 40013, Hold: message.Hold{Scope: message.ScopeAccount}}, 0,
			uncounted("account", inFlight), uncounted("account", inFlight),
			&message.Park{Scope: message.ScopeAccount, Reason: "account", For: 10 * time.Minute}},
		{"account for a day", first, message.Answer{Class: fault.Account, Code: 89506, Hold: message.Hold{Scope: message.ScopeAccount, For: 24 * time.Hour}}, 0,
			uncounted("account", inFlight), uncounted("account", inFlight),
			&message.Park{Scope: message.ScopeAccount, Reason: "account", For: 24 * time.Hour}},

		{"40003", first, message.Answer{Class: fault.Recipient, Code: 40003}, 0, end(message.Refused, "recipient"), end(message.InDoubt, "recipient"), nil},
		{"41028", first, message.Answer{Class: fault.Permit, Code: 41028}, 0, end(message.Refused, "permit"), end(message.InDoubt, "permit"), nil},
		{"41029 says that a doubt counted", first, message.Answer{Class: fault.Permit, Code: 41029}, 0, end(message.Refused, "permit"), end(message.Accepted, ""), nil},
		{"45103", first, message.Answer{Class: fault.Gone, Code: 45103}, 0, end(message.Refused, "gone"), end(message.InDoubt, "gone"), nil},
		{"43002", first, message.Answer{Class: fault.Caller, Code: 43002}, 0, end(message.Refused, "caller"), end(message.InDoubt, "caller"), nil},
		{"duplicate says that a doubt counted", first, message.Answer{Class: fault.Duplicate, Code: 40241}, 0, again("duplicate", duplicateWindow), end(message.Accepted, ""), nil},
		{"duplicate twice", message.Leave{Attempt: 2, Duplicates: 1}, message.Answer{Class: fault.Duplicate, Code: 40241}, 0, end(message.Refused, "duplicate"), end(message.Accepted, ""), nil},

		{"silence, never harmless", first, message.Answer{Class: fault.Unanswered}, message.Never, end(message.InDoubt, "unanswered"), end(message.InDoubt, "unanswered"), nil},
		{"silence, harmless: at once", first, message.Answer{Class: fault.Unanswered}, 9 * time.Minute, again("unanswered", 0), again("unanswered", 0), nil},
		{"second silence: after a while", doubtful, message.Answer{Class: fault.Unanswered}, 9 * time.Minute, again("unanswered", time.Second), again("unanswered", time.Second), nil},
		{"silence near the window's end", message.Leave{Attempt: 2, InDoubt: true, DoubtFor: 9*time.Minute - time.Second}, message.Answer{Class: fault.Unanswered}, 9 * time.Minute,
			end(message.InDoubt, "unanswered"), end(message.InDoubt, "unanswered"), nil},
		{"silence, always harmless", message.Leave{Attempt: 2, InDoubt: true, DoubtFor: time.Hour}, message.Answer{Class: fault.Unanswered}, message.Always,
			again("unanswered", time.Second), again("unanswered", time.Second), nil},
		{"silence, attempts used up", last, message.Answer{Class: fault.Unanswered}, message.Always, end(message.InDoubt, "unanswered"), end(message.InDoubt, "unanswered"), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Decide(testRules, c.leave, c.answer, c.resend, noon, 0)
			if c.name == "minute" { // spread adds up to a second
				if got.Park.For < 20*time.Second || got.Park.For > 22*time.Second || got.Park.Ends != got.Park.For {
					t.Fatalf("until the next minute: got %+v, want 20s to 22s", got.Park)
				}
				c.park.For, c.park.Ends = got.Park.For, got.Park.Ends
			}
			if got.Clear != c.clear {
				t.Errorf("clear: got %+v, want %+v", got.Clear, c.clear)
			}
			if got.Doubt != c.doubt {
				t.Errorf("in doubt: got %+v, want %+v", got.Doubt, c.doubt)
			}
			switch {
			case (got.Park == nil) != (c.park == nil):
				t.Errorf("park: got %v, want %v", got.Park, c.park)
			case c.park != nil && *got.Park != *c.park:
				t.Errorf("park: got %+v, want %+v", *got.Park, *c.park)
			}
		})
	}
}

func TestEveryClassOfWeChatHasADecision(t *testing.T) {
	for _, class := range []fault.Class{fault.OK, fault.Token, fault.Busy, fault.Minute, fault.Daily, fault.Concurrency,
		fault.Duplicate, fault.Recipient, fault.Permit, fault.Payload, fault.Template, fault.Account, fault.Gone,
		fault.Caller, fault.Unknown, fault.Unsent, fault.Unanswered} {
		got := Decide(testRules, message.Leave{Attempt: 1}, message.Answer{Class: class}, message.Never, noon, 0.5)
		for _, o := range []message.Outcome{got.Clear, got.Doubt} {
			if !o.State.Final() && o.State != message.Waiting {
				t.Errorf("class %s leads to state %q", class, o.State)
			}
		}
	}
}

func TestBackoff(t *testing.T) {
	for n, want := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 7: time.Minute, 99: time.Minute} {
		if got := backoff(testRules, n, 0); got != want {
			t.Errorf("backoff %d without chance: got %v, want %v", n, got, want)
		}
		if got := backoff(testRules, n, 0.999); got < want/2 || got > want {
			t.Errorf("backoff %d with chance: got %v, want %v to %v", n, got, want/2, want)
		}
	}
}

func TestDaysBeginAtMidnightInChina(t *testing.T) {
	for _, c := range []struct {
		now  time.Time
		want time.Duration
	}{
		{time.Date(2026, 11, 22, 23, 50, 0, 0, china), 10 * time.Minute},
		{time.Date(2026, 11, 22, 15, 59, 59, 0, time.UTC), time.Second},
		{time.Date(2026, 12, 31, 16, 0, 0, 0, time.UTC), 24 * time.Hour},
	} {
		if got := untilDay(c.now); got != c.want {
			t.Errorf("from %v: got %v, want %v", c.now, got, c.want)
		}
	}
}

func TestResendFollowsTheTableInDoubt(t *testing.T) {
	body := map[message.Kind]message.Body{
		message.Template: &message.TemplateBody{}, message.Bizsend: &message.BizsendBody{}, message.Onetime: &message.OnetimeBody{},
		message.Subscribe: &message.SubscribeBody{}, message.Uniform: &message.UniformBody{}, message.WXOpen: &message.WXOpenBody{},
	}
	want := map[message.Kind]time.Duration{message.Template: clientMsgIDLasts, message.WXOpen: message.Always}
	for kind, b := range body {
		m := &message.Message{Kind: kind, Body: b}
		if got := testRules.resend(m, message.FormPermit); got != want[kind] {
			t.Errorf("%s: got %v, want %v", kind, got, want[kind])
		}
		m.Delivery = message.AtLeastOnce
		if got := testRules.resend(m, message.FormPermit); got != message.Always {
			t.Errorf("%s at least once: got %v, want always", kind, got)
		}
	}
	payment := &message.Message{Kind: message.WXOpen, Body: &message.WXOpenBody{}}
	if got := testRules.resend(payment, message.PaymentPermit); got != message.Never {
		t.Errorf("wxopen with a payment permit: got %v, want never", got)
	}
}

func TestOnlyToKeepsEverybodyElseOut(t *testing.T) {
	r := testRules
	m := &message.Message{Body: &message.TemplateBody{ToUser: "oUser"}}
	for _, c := range []struct {
		only []string
		want string
	}{{nil, ""}, {[]string{"oUser"}, ""}, {[]string{"oTester"}, "only_to"}} {
		r.OnlyTo = c.only
		if got := r.suppress(m); got != c.want {
			t.Errorf("only_to %v: got %q, want %q", c.only, got, c.want)
		}
	}
}
