package intake_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
	"wxdispatch/internal/redistest"
)

// pool is a Pool over one Redis, with the door that spends from it.
type pool struct {
	*door
	intake.Pool
}

func newPool(t *testing.T, client redis.UniversalClient) *pool {
	p := &pool{door: newDoor(t, client)}
	p.Pool = intake.Pool{Accounts: p.door.Accounts, Stock: p.ledger, NewID: intake.ULID, Now: func() time.Time { return p.now }}
	return p
}

func (p *pool) add(account string, g permit.Grant) intake.Granted {
	p.t.Helper()
	granted, err := p.Add(p.t.Context(), account, g)
	if err != nil {
		p.t.Fatal(err)
	}
	return granted
}

// left is how many messages a user's permits are good for.
func (p *pool) left(account, openid string) int {
	p.t.Helper()
	standing, err := p.List(p.t.Context(), account, openid)
	if err != nil {
		p.t.Fatal(err)
	}
	return permit.BalanceOf(openid, standing).Remaining
}

func (p *pool) wantLeft(want int) {
	p.t.Helper()
	if got := p.left("mini", "oUser"); got != want {
		p.t.Errorf("%d are left, want %d", got, want)
	}
}

// hold takes a message that holds one of the user's permits.
func (p *pool) hold(id string) {
	p.t.Helper()
	_, err := p.Take(p.t.Context(), decode(p.t, fmt.Sprintf(
		`{"id":%q,"account":"mini","kind":"wxopen","body":{"touser":"oUser","template_id":"t"}}`, id)))
	if err != nil {
		p.t.Fatal(err)
	}
}

func TestThePermitAgainChangesNothing(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		p := newPool(t, client)
		pay := permit.Grant{OpenID: "oUser", Code: "prepay_id=wx1", IssuedAt: p.now.Add(-time.Hour)}
		form := permit.Grant{OpenID: "oUser", Type: message.FormPermit, Code: "f1", IssuedAt: p.now.Add(-2 * time.Hour)}
		consent := permit.Grant{OpenID: "oUser", Type: message.ConsentPermit, Template: "t", Code: "event", Count: 2}
		for _, g := range []permit.Grant{pay, form, consent} {
			first, second := p.add("mini", g), p.add("mini", g)
			if first.Known || !second.Known || first.Left != second.Left || !second.ExpiresAt.IsZero() {
				t.Errorf("first %+v, again %+v", first, second)
			}
		}
		p.wantLeft(3 + 1 + 2)
		p.hold("a") // the form, which ends first
		if again := p.add("mini", form); !again.Known || again.Left != 0 {
			t.Errorf("a form that a message holds, added again: %+v", again)
		}
		p.hold("b")
		if again := p.add("mini", pay); !again.Known || again.Left != 2 {
			t.Errorf("a payment that a message holds, added again: %+v", again)
		}
		p.wantLeft(2 + 2)
	})
}

func TestAConsentWithoutANameCountsEachTime(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		p := newPool(t, client)
		g := permit.Grant{OpenID: "oUser", Type: message.ConsentPermit, Template: "t"}
		if one, two := p.add("mini", g), p.add("mini", g); one.Known || two.Known || two.Left != 2 || two.Code != "" {
			t.Errorf("%+v, %+v", one, two)
		}
	})
}

// twice repeats each trip, as go-redis does when an answer is lost.
type twice struct{ *ledger.Ledger }

func (s twice) AddPermits(ctx context.Context, account string, grants []permit.Grant) ([]ledger.Granted, error) {
	if _, err := s.Ledger.AddPermits(ctx, account, grants); err != nil {
		return nil, err
	}
	return s.Ledger.AddPermits(ctx, account, grants)
}

func TestARepeatedTripCountsOnce(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		p := newPool(t, client)
		p.Stock = twice{p.ledger}
		for range 3 {
			p.add("mini", permit.Grant{OpenID: "oUser", Type: message.ConsentPermit, Template: "t"})
		}
		p.wantLeft(3)
	})
}

func TestManyPermitsAndBadOnesAmongThem(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		p := newPool(t, client)
		const n = 1100 // more than a trip
		grants := make([]permit.Grant, n)
		for i := range grants {
			grants[i] = permit.Grant{OpenID: fmt.Sprintf("o%d", i%100), Code: fmt.Sprintf("form-%d", i)}
		}
		grants[7].Code, grants[1050].OpenID, grants[1000].Code = "the formId is a mock one", "", "form-0"
		results, err := p.AddMany(t.Context(), "mini", grants)
		if err != nil || len(results) != n {
			t.Fatalf("%d results, %v", len(results), err)
		}
		for i, r := range results {
			bad := i == 7 || i == 1050
			if (r.Err != nil) != bad || bad && !fault.Is(r.Err, fault.Invalid) || r.Known != (i == 1000) || r.Code != grants[i].Code {
				t.Errorf("row %d: %+v", i, r)
			}
		}
		for user, want := range map[string]int{"o0": 10, "o1": 11, "o7": 10, "o50": 10} {
			if left := p.left("mini", user); left != want {
				t.Errorf("%d are left to %s, want %d", left, user, want)
			}
		}
		if _, err := p.AddMany(t.Context(), "none", grants); !fault.Is(err, fault.NotFound) {
			t.Errorf("an account that nobody knows: %v", err)
		}
	})
}

// leaves answers so many trips, and then no more.
type leaves struct {
	intake.Stock
	trips, added int
}

func (s *leaves) AddPermits(_ context.Context, _ string, grants []permit.Grant) ([]ledger.Granted, error) {
	if s.trips--; s.trips < 0 {
		return nil, &fault.Error{Op: "test", Class: fault.Unavailable, Err: errors.New("away")}
	}
	s.added += len(grants)
	return make([]ledger.Granted, len(grants)), nil
}

func TestManyTellHowFarTheyCame(t *testing.T) {
	p := newPool(t, redistest.Mini(t))
	stock := &leaves{trips: 2}
	p.Stock = stock
	grants := make([]permit.Grant, 5000)
	for i := range grants {
		grants[i] = permit.Grant{OpenID: "oUser", Code: fmt.Sprintf("form-%d", i)}
	}
	results, err := p.AddMany(t.Context(), "mini", grants)
	if !fault.Is(err, fault.Unavailable) || len(results) != stock.added || len(results) != 2000 {
		t.Errorf("%d results, %d added, %v; want 2000 and class unavailable", len(results), stock.added, err)
	}
}

func TestListIsInTheOrderOfUse(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		p := newPool(t, client)
		p.add("mini", permit.Grant{OpenID: "oUser", Type: message.ConsentPermit, Template: "t", Count: 5})
		p.add("mini", permit.Grant{OpenID: "oUser", Code: "late", IssuedAt: p.now})
		p.add("mini", permit.Grant{OpenID: "oUser", Code: "wx-early", IssuedAt: p.now.Add(-time.Hour)})
		standing, err := p.List(t.Context(), "mini", "oUser")
		if err != nil || len(standing) != 3 || standing[0].Code != "wx-early" || standing[1].Code != "late" || standing[2].Left != 5 {
			t.Errorf("%+v, %v", standing, err)
		}
		if _, err := p.List(t.Context(), "mini", "o o"); !fault.Is(err, fault.Invalid) {
			t.Errorf("no openid: %v", err)
		}
		if _, err := p.List(t.Context(), "none", "oUser"); !fault.Is(err, fault.NotFound) {
			t.Errorf("no account: %v", err)
		}
	})
}

func TestRemove(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		p := newPool(t, client)
		remove := func(g permit.Grant, class fault.Class, lost, left int) {
			t.Helper()
			g.OpenID = "oUser"
			got, err := p.Remove(t.Context(), "mini", g)
			if fault.ClassOf(err) != class || got.Lost != lost || got.Left != left {
				t.Errorf("%+v, %v; want class %q, %d lost, %d left", got, err, class, lost, left)
			}
		}
		pay := permit.Grant{OpenID: "oUser", Code: "wx1", IssuedAt: p.now}
		p.add("mini", pay)
		p.hold("a")
		remove(permit.Grant{Code: "prepay_id=wx1"}, "", 2, 0)
		remove(permit.Grant{Code: "wx1"}, fault.NotFound, 0, 0)
		remove(permit.Grant{Code: "wx2"}, fault.NotFound, 0, 0)
		if again := p.add("mini", pay); !again.Known || again.Left != 0 {
			t.Errorf("a refunded payment, added again: %+v", again)
		}
		p.wantLeft(0)

		p.add("mini", permit.Grant{OpenID: "oUser", Type: message.ConsentPermit, Template: "t", Count: 5})
		remove(permit.Grant{Template: "t", Count: 2}, "", 0, 3)
		remove(permit.Grant{Template: "t"}, "", 0, 0)
		remove(permit.Grant{Template: "t"}, "", 0, 0)
		remove(permit.Grant{Template: "t", Count: 1}, fault.NotFound, 0, 0)
		p.wantLeft(0)
		for _, g := range []permit.Grant{{}, {Code: "c", Template: "t"}, {Code: "c", Count: 1}, {Template: "t", Count: 1001}, {Code: "4200001"}} {
			remove(g, fault.Invalid, 0, 0)
		}
	})
}
