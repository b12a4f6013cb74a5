package permit_test

import (
	"testing"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func in(d time.Duration) time.Time { return noon.Add(d) }

func TestWhenAPermitIsOver(t *testing.T) {
	for _, c := range []struct {
		name   string
		issued time.Time
		at     time.Time
		alive  bool
	}{
		{"just issued", noon, noon, true},
		{"after six days", noon, in(6 * 24 * time.Hour), true},
		{"a second before the margin", noon, in(7*24*time.Hour - 5*time.Minute - time.Second), true},
		{"in the margin", noon, in(7*24*time.Hour - 5*time.Minute), false},
		{"after seven days", noon, in(7 * 24 * time.Hour), false},
		{"fractions of a second count for the margin", noon.Add(999 * time.Millisecond), in(7*24*time.Hour - 5*time.Minute), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := permit.Permit{Left: 1, Ends: permit.Ends(c.issued)}
			if p.Alive(c.at) != c.alive {
				t.Errorf("alive at %v: %v, want %v (it ends %v)", c.at, !c.alive, c.alive, p.Ends)
			}
			if !permit.Issued(p.Ends).Equal(c.issued.Truncate(time.Second)) {
				t.Errorf("issued %v, want %v", permit.Issued(p.Ends), c.issued)
			}
		})
	}
}

func TestUsesOfEachType(t *testing.T) {
	for kind, want := range map[message.PermitType]int{message.FormPermit: 1, message.PaymentPermit: 3, message.ConsentPermit: 1} {
		if got := permit.Uses(kind); got != want {
			t.Errorf("%s is good for %d, want %d", kind, got, want)
		}
	}
}

func TestWhyANamedPermitIsRefused(t *testing.T) {
	alive := permit.Permit{Left: 1, Ends: in(time.Hour)}
	for _, c := range []struct {
		name   string
		change func(*permit.Permit)
		due    time.Time
		want   string
	}{
		{"it is good", func(*permit.Permit) {}, noon, ""},
		{"good until its last moment", func(*permit.Permit) {}, in(time.Hour - time.Millisecond), ""},
		{"sent too late for it", func(*permit.Permit) {}, in(time.Hour), permit.Expired},
		{"nothing left", func(p *permit.Permit) { p.Left = 0 }, noon, permit.Used},
		{"WeChat refused it", func(p *permit.Permit) { p.Dead = true }, noon, permit.Void},
		{"dead before anything else", func(p *permit.Permit) { p.Dead, p.Left = true, 0 }, in(2 * time.Hour), permit.Void},
		{"over before used up", func(p *permit.Permit) { p.Left = 0 }, in(2 * time.Hour), permit.Expired},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := alive
			c.change(&p)
			if got := p.Refusal(c.due); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestWhichPermitIsNext(t *testing.T) {
	form := func(code string, ends time.Duration) permit.Permit {
		return permit.Permit{Code: code, Type: message.FormPermit, Left: 1, Ends: in(ends)}
	}
	payment := func(code string, left int, ends time.Duration) permit.Permit {
		return permit.Permit{Code: code, Type: message.PaymentPermit, Left: left, Ends: in(ends)}
	}
	dead := form("dead", time.Hour)
	dead.Dead = true
	for _, c := range []struct {
		name string
		pool []permit.Permit
		due  time.Duration
		want string
	}{
		{"an empty pool", nil, 0, ""},
		{"the one that ends first", []permit.Permit{form("b", 2*time.Hour), form("a", time.Hour), payment("c", 3, 3*time.Hour)}, 0, "a"},
		{"that lasts until the message is due", []permit.Permit{form("a", time.Hour), form("b", 2*time.Hour)}, 90 * time.Minute, "b"},
		{"none lasts so long", []permit.Permit{form("a", time.Hour)}, time.Hour, ""},
		{"what is used up is passed over", []permit.Permit{payment("a", 0, time.Hour), form("b", 2*time.Hour)}, 0, "b"},
		{"what is dead is passed over", []permit.Permit{dead, form("b", 2*time.Hour)}, 0, "b"},
		{"at the same end a form before a payment", []permit.Permit{payment("a", 1, time.Hour), form("b", time.Hour)}, 0, "b"},
		{"then the one with less left", []permit.Permit{payment("a", 3, time.Hour), payment("b", 1, time.Hour)}, 0, "b"},
		{"then by code", []permit.Permit{form("b", time.Hour), form("a", time.Hour)}, 0, "a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			if i := permit.Next(c.pool, in(c.due)); i >= 0 {
				got = c.pool[i].Code
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
