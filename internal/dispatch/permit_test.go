package dispatch

import (
	"testing"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

func TestWhatAnAnswerDoesToThePermit(t *testing.T) {
	refused := message.Outcome{State: message.Refused, Reason: "permit"}
	next := message.Outcome{State: message.Waiting, Reason: "permit", GiveBack: true}
	young := message.Outcome{State: message.Waiting, Reason: "permit_young", After: 10 * time.Second, GiveBack: true}
	accepted := message.Outcome{State: message.Accepted}
	doubt := message.Outcome{State: message.InDoubt, Reason: "permit"}
	form := message.Held{Type: message.FormPermit, Code: "f", Issued: noon.Add(-time.Hour)}
	pooled, spent := form, form
	pooled.Pooled, spent.Spent = true, true
	payment := func(age time.Duration) message.Held {
		return message.Held{Type: message.PaymentPermit, Code: "wx1", Issued: noon.Add(-age)}
	}
	for _, c := range []struct {
		name         string
		code         int
		held         message.Held
		clear, doubt message.Outcome
		permit       message.PermitEnd
	}{
		{"41028, named form", 41028, form, refused, doubt, message.PermitVoid},
		{"41028, form of the pool: the next one", 41028, pooled, next, doubt, message.PermitVoid},
		{"41028, payment of 59 s", 41028, payment(59 * time.Second), young, young, message.PermitGoesOn},
		{"41028, payment of 60 s", 41028, payment(time.Minute), refused, doubt, message.PermitVoid},
		{"41029, named form", 41029, form, refused, accepted, message.PermitExhausted},
		{"41029, form that a doubt had used", 41029, spent, accepted, accepted, message.PermitExhausted},
		{"41029, form of the pool: the next one", 41029, pooled, next, accepted, message.PermitExhausted},
		{"41031, young payment", 41031, payment(time.Second), refused, doubt, message.PermitVoid},
	} {
		got := Decide(testRules, message.Leave{Attempt: 1, Permit: c.held}, message.Answer{Class: fault.Permit, Code: c.code}, message.Never, noon, 0)
		if got.Clear != c.clear || got.Doubt != c.doubt || got.Permit != c.permit {
			t.Errorf("%s:\n got %+v | %+v | %q\nwant %+v | %+v | %q", c.name, got.Clear, got.Doubt, got.Permit, c.clear, c.doubt, c.permit)
		}
	}
	consent := message.Leave{Attempt: 1, Permit: message.Held{Type: message.ConsentPermit}}
	if got := Decide(testRules, consent, message.Answer{Class: fault.Recipient, Code: 43101}, message.Never, noon, 0); got.Permit != message.PermitVoid || got.Clear.State != message.Refused {
		t.Errorf("43101 with a consent: %+v, want it void and the message refused", got)
	}
	if got := Decide(testRules, consent, message.Answer{Class: fault.Recipient, Code: 40003}, message.Never, noon, 0); got.Permit != message.PermitGoesOn {
		t.Errorf("40003 with a consent: %q, want it untouched", got.Permit)
	}
}
