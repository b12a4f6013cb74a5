package ledger_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
	"wxdispatch/internal/redistest"
)

// A message of the pool, in doubt and resent by a person, must not go on for
// ever with a permit that WeChat has declared dead.
func TestAResentMessageLeavesADeadPermit(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newPermitDesk(t, client)
		d.papers("wx1")
		m := wxopen("m", "")
		d.reserve(m)
		d.want("silence", d.send(m, "r1", message.Answer{Class: fault.Unanswered}).State, message.InDoubt)
		d.resolve(m, ledger.Resend)
		d.want("41028", d.send(m, "r2", coded(41028)).State, message.Waiting)
		leave := d.begin(m, "r3", time.Hour)
		d.want("with the dead permit and no other", leave.Decision, message.Ended)
		d.want("its state", leave.State, message.Unpermitted)
	})
}

// What a resend uses at WeChat must be a use that nobody else can have.
func TestEachSendThatMayCountHasAUseOfItsOwn(t *testing.T) {
	silent := message.Answer{Class: fault.Unanswered} // WeChat counted it
	for _, c := range []struct {
		name     string
		m        *message.Message
		delivery message.Delivery
		granted  int
	}{
		{"payment, at least once", wxopen("m", ""), message.AtLeastOnce, 3},
		{"payment, resent by a person", wxopen("m", ""), "", 3},
		{"consent, at least once", subscription("m"), message.AtLeastOnce, 2},
		{"consent, resent by a person", subscription("m"), "", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
				d := newPermitDesk(t, client)
				d.papers("wx1")
				d.consents(2, "")
				granted := d.left()
				m := *c.m
				m.Delivery = c.delivery
				d.reserve(&m)
				if d.send(&m, "r1", silent).State == message.InDoubt {
					d.resolve(&m, ledger.Resend)
				}
				d.want("the second send", d.send(&m, "r2", coded(0)).State, message.Accepted)
				if counted := 2; counted+d.left() > granted {
					t.Errorf("WeChat counted %d, %d are left, of %d granted", counted, d.left(), granted)
				}
			})
		})
	}
}

// A user whose apps always name the permit in the body keeps no more in Redis
// than what is alive.
func TestNamedPermitsVanishAfterTheirEnd(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newPermitDesk(t, client)
		for i := range 50 {
			m := wxopen(fmt.Sprint("m", i), fmt.Sprint("f", i))
			m.PermitIssuedAt = d.start.Add(-3 * 24 * time.Hour)
			d.want("reserved", d.reserve(m).State, message.Queued)
			// What the passing of time would do: it ended yesterday.
			ended := d.start.Add(-24 * time.Hour).Unix()
			d.must(client.ZAddXX(t.Context(), "wxd:{shop}:f:oUser", redis.Z{Score: float64(1<<50 + ended*16), Member: fmt.Sprint("f", i)}).Err())
		}
		d.reserve(wxopen("last", "flast"))
		kept, err := client.ZCard(t.Context(), "wxd:{shop}:f:oUser").Result()
		d.must(err)
		d.want("permits kept", kept, 1)
	})
}

// One pop-up asks for up to three templates: its name counts once for each.
func TestAnEventNameCountsOncePerTemplate(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newPermitDesk(t, client)
		for _, template := range []string{"t1", "t2", "t1"} {
			granted, err := d.ledger.AddPermits(t.Context(), "shop",
				[]permit.Grant{{OpenID: "oUser", Type: message.ConsentPermit, Code: "order-1", Template: template, Count: 1}})
			d.must(err)
			d.want("left of "+template, granted[0].Left, 1)
		}
		d.want("consents", d.left(), 2)
	})
}

// Counting is told of changes only.
func TestCountingIsToldOfChangesOnly(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newPermitDesk(t, client)
		d.papers("wx1")
		d.want("added", d.heard(), []string{"payment added"})
		d.papers("wx1")
		d.want("added again", d.heard(), []string{})
		a, b := wxopen("a", "wx1"), wxopen("b", "wx1")
		d.reserve(a)
		d.reserve(b)
		d.reserve(b)
		d.want("held", d.heard(), []string{"payment held", "payment held"})
		leaveA, leaveB := d.begin(a, "r", time.Hour), d.begin(b, "r", time.Hour)
		d.settle(a, "r", leaveA, coded(41028))
		d.settle(b, "r", leaveB, coded(41028))
		voids := 0
		for _, deed := range d.heard() {
			if deed == "payment void" {
				voids++
			}
			if deed == "payment released" {
				t.Error("a use of a dead permit is told as released")
			}
		}
		d.want("a permit dies", voids, 1)

		d.consents(1, "")
		d.heard()
		for range 2 {
			_, _, err := d.ledger.RemovePermit(t.Context(), "shop", permit.Grant{OpenID: "oUser", Type: message.ConsentPermit, Template: "tpl"})
			d.must(err)
		}
		d.want("all consents removed, twice", d.heard(), []string{"consent removed"})
	})
}
