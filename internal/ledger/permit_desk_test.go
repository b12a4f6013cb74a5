package ledger_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/dispatch"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
)

// permitDesk is a ledger with a user whose permits a test gives out, and the
// few things that intake, runs and people do to messages that need one.
type permitDesk struct {
	t      *testing.T
	client redis.UniversalClient
	ledger *ledger.Ledger
	policy permit.Policy
	start  time.Time
	told   []string // what Counting was told
}

func newPermitDesk(t *testing.T, client redis.UniversalClient) *permitDesk {
	d := &permitDesk{t: t, client: client, start: time.Now(), policy: permit.Policy{Enforce: true}}
	d.ledger = ledger.New(client, ledger.Counting(func(_ string, held message.PermitType, operation string) {
		d.told = append(d.told, string(held)+" "+operation)
	}))
	return d
}

func (d *permitDesk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *permitDesk) want(what string, got, want any) {
	d.t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		d.t.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

// heard answers what Counting was told since it was asked last.
func (d *permitDesk) heard() []string {
	told := d.told
	d.told = nil
	return told
}

// papers adds forms and payments (wx…), handed out an hour ago.
func (d *permitDesk) papers(codes ...string) {
	d.t.Helper()
	var grants []permit.Grant
	for _, code := range codes {
		grants = append(grants, permit.Grant{OpenID: "oUser", Type: message.PermitTypeOf(code), Code: code, IssuedAt: d.start.Add(-time.Hour)})
	}
	_, err := d.ledger.AddPermits(context.Background(), "shop", grants)
	d.must(err)
}

func (d *permitDesk) consents(n int, event string) ledger.Granted {
	d.t.Helper()
	granted, err := d.ledger.AddPermits(context.Background(), "shop",
		[]permit.Grant{{OpenID: "oUser", Type: message.ConsentPermit, Code: event, Template: "tpl", Count: n}})
	d.must(err)
	return granted[0]
}

// wxopen is a message that needs a form or a payment; without a code the user's next.
func wxopen(id, code string) *message.Message {
	return &message.Message{ID: id, Account: "shop", Kind: message.WXOpen, Digest: "d-" + id,
		Body: &message.WXOpenBody{ToUser: "oUser", Template: "tpl", FormID: code}}
}

func subscription(id string) *message.Message {
	return &message.Message{ID: id, Account: "shop", Kind: message.Subscribe, Digest: "d-" + id,
		Body: &message.SubscribeBody{ToUser: "oUser", Template: "tpl"}}
}

func (d *permitDesk) need(m *message.Message) message.Need {
	return permit.Need(m, d.start, d.policy)
}

func (d *permitDesk) job(m *message.Message) message.Job {
	return message.Job{Message: m, Created: d.start}
}

func (d *permitDesk) reserve(m *message.Message) ledger.Reservation {
	d.t.Helper()
	res, err := d.ledger.Reserve(context.Background(), d.job(m), d.need(m), time.Time{}, keep)
	d.must(err)
	return res
}

// begin asks as dispatch does: a form may be resent, the rest as delivery says.
func (d *permitDesk) begin(m *message.Message, run string, window time.Duration) message.Leave {
	d.t.Helper()
	leave, err := d.ledger.Begin(context.Background(), message.Attempt{Run: run, Message: m, Created: d.start,
		Window: window, Resend: resendOf(m, ""), ResendForm: resendOf(m, message.FormPermit), MaxAttempts: 3, Keep: keep, Need: d.need(m)})
	d.must(err)
	return leave
}

// resendOf is what dispatch's rules say of a wxopen or subscription message.
func resendOf(m *message.Message, held message.PermitType) time.Duration {
	if m.Delivery == message.AtLeastOnce || m.Kind == message.WXOpen && held == message.FormPermit {
		return message.Always
	}
	return message.Never
}

var permitRules = dispatch.Rules{MaxAttempts: 3, MinDelay: time.Second, MaxDelay: time.Minute, Keep: keep, CallTimeout: time.Second}

// decided is the settlement that dispatch makes of an answer.
func decided(m *message.Message, run string, leave message.Leave, a message.Answer, now time.Time) message.Settlement {
	s := dispatch.Decide(permitRules, leave, a, resendOf(m, leave.Permit.Type), now, 0.5)
	s.Run, s.Message, s.Answer, s.Keep = run, m, a, keep
	return s
}

func (d *permitDesk) settle(m *message.Message, run string, leave message.Leave, a message.Answer) message.Settled {
	d.t.Helper()
	settled, err := d.ledger.Settle(context.Background(), decided(m, run, leave, a, time.Now()))
	d.must(err)
	return settled
}

// send is a run's whole go at a message.
func (d *permitDesk) send(m *message.Message, run string, a message.Answer) message.Settled {
	d.t.Helper()
	leave := d.begin(m, run, time.Hour)
	d.want("the leave of "+m.ID, leave.Decision, message.Send)
	return d.settle(m, run, leave, a)
}

// coded is WeChat's answer of that errcode.
func coded(code int) message.Answer {
	class := map[int]fault.Class{0: fault.OK, -1: fault.Busy, 40003: fault.Recipient, 43101: fault.Recipient,
		41028: fault.Permit, 41029: fault.Permit, 41031: fault.Permit}[code]
	return message.Answer{Class: class, Code: code}
}

// left sums the uses that the user has.
func (d *permitDesk) left() (uses int) {
	d.t.Helper()
	standing, err := d.ledger.Permits(context.Background(), "shop", "oUser")
	d.must(err)
	for _, s := range standing {
		uses += s.Left
	}
	return uses
}

func (d *permitDesk) resolve(m *message.Message, how ledger.Resolution) ledger.Change {
	d.t.Helper()
	change, err := d.ledger.Resolve(context.Background(), "shop", m.ID, how, "person", keep)
	d.must(err)
	return change
}
