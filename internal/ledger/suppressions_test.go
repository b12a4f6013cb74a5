package ledger_test

import (
	"context"
	"testing"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
)

func (d *desk) suppress(s message.Suppression) {
	d.t.Helper()
	s.OpenID = "oUser"
	if err := d.ledger.Suppress(context.Background(), "shop", s); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) suppressions() []message.Suppression {
	d.t.Helper()
	list, err := d.ledger.Suppressions(context.Background(), "shop", "oUser")
	if err != nil {
		d.t.Fatal(err)
	}
	return list
}

func TestWhatAUserWantsNoMoreIsNotSent(t *testing.T) {
	soon := time.Now().Add(time.Hour)
	for name, tt := range map[string]struct {
		s    message.Suppression
		lift string
	}{
		"everything":   {message.Suppression{By: message.ByApp}, ""},
		"the template": {message.Suppression{Template: "tpl", Until: soon, By: message.ByRejected}, "tpl"},
	} {
		t.Run(name, func(t *testing.T) {
			eachDesk(t, func(d *desk) {
				d.suppress(tt.s)
				leave := d.begin("r1")
				d.want("decision", leave.Decision, message.Ended)
				d.want("state", leave.State, message.Suppressed)
				d.want("reason", leave.Reason, tt.s.By)
				d.m.ID, d.m.Force = "order-2", true
				d.want("forced", d.begin("r2").Decision, message.Send)
				lifted, err := d.ledger.Lift(context.Background(), "shop", "oUser", tt.lift)
				d.want("lifted", lifted && err == nil, true)
				d.m.ID, d.m.Force = "order-3", false
				d.want("after it", d.begin("r3").Decision, message.Send)
			})
		})
	}
}

func TestOthersAreSentTo(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.suppress(message.Suppression{Template: "other", By: message.ByApp})
		d.suppress(message.Suppression{Template: "tpl", Until: time.Now().Add(-time.Second), By: message.ByApp})
		d.want("another template, and one that is over", d.begin("r1").Decision, message.Send)
	})
}

func TestWhatLastsLongerStays(t *testing.T) {
	eachDesk(t, func(d *desk) {
		hour, day := time.Now().Add(time.Hour).Truncate(time.Millisecond), time.Now().Add(24*time.Hour).Truncate(time.Millisecond)
		until := func() time.Time { return d.suppressions()[0].Until }
		d.suppress(message.Suppression{Template: "tpl", Until: day, By: message.ByRejected})
		d.suppress(message.Suppression{Template: "tpl", Until: hour, By: message.BySwitchedOff})
		d.want("the day", until().Equal(day), true)
		d.suppress(message.Suppression{Template: "tpl", Until: hour, By: message.ByApp, Replace: true})
		d.want("replaced", until().Equal(hour), true)
		d.suppress(message.Suppression{Template: "tpl", By: message.ByApp})
		d.want("for good", until().IsZero(), true)
		d.suppress(message.Suppression{Template: "tpl", Until: day, By: message.ByRejected})
		d.want("for good still", until().IsZero(), true)
		d.want("one", len(d.suppressions()), 1)
	})
}

func TestSwitchingATemplateOffSuppressesIt(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.begin("r1")
		refused := message.Outcome{State: message.Refused, Reason: "recipient"}
		if _, err := d.ledger.Settle(context.Background(), message.Settlement{Run: "r1", Message: d.m,
			Answer: message.Answer{Class: fault.Recipient, Code: 43101}, Clear: refused, Doubt: refused, Keep: time.Hour, Suppress: 72 * time.Hour}); err != nil {
			d.t.Fatal(err)
		}
		list := d.suppressions()
		if len(list) != 1 || list[0].Template != "tpl" || list[0].By != message.BySwitchedOff || time.Until(list[0].Until) < 71*time.Hour {
			d.t.Fatalf("%+v", list)
		}
		d.m.ID = "order-2"
		d.want("the next", d.begin("r2").State, message.Suppressed)
		by, err := d.ledger.SuppressedBy(context.Background(), "shop", "oUser", "tpl")
		d.want("told", err == nil && by != nil && by.By == message.BySwitchedOff, true)
		by, err = d.ledger.SuppressedBy(context.Background(), "shop", "oUser", "other")
		d.want("another template", err == nil && by == nil, true)
	})
}

func TestARejectionVoidsConsentsAndANewOneLiftsIt(t *testing.T) {
	eachDesk(t, func(d *desk) {
		ctx := context.Background()
		consent := []permit.Grant{{OpenID: "oUser", Type: message.ConsentPermit, Template: "tpl", Count: 2}}
		left := func() int {
			standing, err := d.ledger.Permits(ctx, "shop", "oUser")
			if err != nil || len(standing) == 0 {
				return 0
			}
			return standing[0].Left
		}
		add := func() {
			if _, err := d.ledger.AddPermits(ctx, "shop", consent); err != nil {
				d.t.Fatal(err)
			}
		}
		add()
		d.suppress(message.Suppression{Template: "tpl", Until: time.Now().Add(time.Hour), By: message.ByRejected, Void: true})
		d.want("void", left(), 0)
		d.want("suppressed", len(d.suppressions()), 1)
		add()
		d.want("agreed anew", left(), 2)
		d.want("lifted", len(d.suppressions()), 0)
	})
}

// WeChat pushes things twice, and not always in their order.
func TestARejectionThatComesAgainAfterANewConsentChangesNothing(t *testing.T) {
	eachDesk(t, func(d *desk) {
		rejected := message.Suppression{Template: "tpl", Until: time.Now().Add(time.Hour), By: message.ByRejected, Void: true, Event: "popup.1"}
		accepted := []permit.Grant{{OpenID: "oUser", Type: message.ConsentPermit, Template: "tpl", Count: 1, Code: "popup.2"}}
		d.suppress(rejected)
		d.want("rejected", len(d.suppressions()), 1)
		if _, err := d.ledger.AddPermits(context.Background(), "shop", accepted); err != nil {
			d.t.Fatal(err)
		}
		d.suppress(rejected)
		d.want("accepted since", len(d.suppressions()), 0)
		standing, err := d.ledger.Permits(context.Background(), "shop", "oUser")
		d.want("the consent", len(standing) == 1 && standing[0].Left == 1 && err == nil, true)
		rejected.Event = "popup.3"
		d.suppress(rejected)
		d.want("rejected anew", len(d.suppressions()), 1)
	})
}
