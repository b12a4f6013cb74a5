package permit_test

import (
	"testing"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
)

// What WeChat's errcodes do to the permit that was sent with (errcodes.tsv).
func TestWhatAnErrcodeDoesToAPermit(t *testing.T) {
	const form, payment, consent = message.FormPermit, message.PaymentPermit, message.ConsentPermit
	for _, c := range []struct {
		code int
		held message.PermitType
		want message.PermitEnd
	}{
		{0, form, message.PermitGoesOn},
		{-1, form, message.PermitGoesOn},
		{40003, form, message.PermitGoesOn},
		{41028, form, message.PermitVoid},
		{41028, payment, message.PermitVoid},
		{41029, form, message.PermitExhausted},
		{41029, payment, message.PermitExhausted},
		{41031, form, message.PermitVoid},
		{41031, payment, message.PermitVoid},
		{43101, form, message.PermitGoesOn},
		{43101, payment, message.PermitGoesOn},
		{43101, consent, message.PermitVoid},
		{41028, consent, message.PermitGoesOn},
		{41029, consent, message.PermitGoesOn},
		{45009, payment, message.PermitGoesOn},
		{47003, consent, message.PermitGoesOn},
	} {
		if got := permit.EndOf(c.code, c.held); got != c.want {
			t.Errorf("%d for a %s: got %q, want %q", c.code, c.held, got, c.want)
		}
	}
}

// WeChat's two back ends need 5 to 10 s to know a payment (API.md).
func TestAPaymentThatWeChatMayNotKnowYet(t *testing.T) {
	for _, c := range []struct {
		name string
		code int
		held message.PermitType
		age  time.Duration
		want bool
	}{
		{"a payment of a second ago", 41028, message.PaymentPermit, time.Second, true},
		{"one of just under a minute", 41028, message.PaymentPermit, time.Minute - time.Second, true},
		{"one of a minute", 41028, message.PaymentPermit, time.Minute, false},
		{"a form", 41028, message.FormPermit, time.Second, false},
		{"a payment that is used up", 41029, message.PaymentPermit, time.Second, false},
		{"a payment that WeChat blocks", 41031, message.PaymentPermit, time.Second, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			held := message.Held{Type: c.held, Issued: noon}
			if got := permit.Unsettled(c.code, held, noon.Add(c.age)); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}
