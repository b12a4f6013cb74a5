package desk_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/desk"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/registry"
)

// table is a desk with doubts on it.
type table struct {
	*desk.Desk
	t *testing.T
}

func newTable(t *testing.T, client redis.UniversalClient) table {
	return table{desk.New(client, desk.Options{Known: []registry.Account{{Name: "shop", Type: message.Official}},
		MaxAge: time.Hour, Keep: time.Hour, By: "operator"}), t}
}

// doubt brings a message to where nobody knows whether it arrived; content tells
// whether what it would send is kept.
func (d table) doubt(id string, content bool) {
	d.t.Helper()
	m, err := message.Decode([]byte(fmt.Sprintf(`{"id": %q, "account": "shop", "kind": "template", "body": {"touser": "oUser", "template_id": "tpl", "data": {"k": {"value": "v"}}}}`, id)))
	if err != nil {
		d.t.Fatal(err)
	}
	ctx := d.t.Context()
	if content {
		err = d.Book.KeepPayload(ctx, m, time.Hour)
	}
	if err == nil {
		_, err = d.Book.Begin(ctx, message.Attempt{Run: id, Message: m, Created: time.Now(), Window: time.Minute, MaxAttempts: 3, Keep: time.Hour})
	}
	if err == nil {
		end := message.Outcome{State: message.InDoubt, Reason: "unanswered"}
		_, err = d.Book.Settle(ctx, message.Settlement{Run: id, Message: m, Answer: message.Answer{Class: fault.Unanswered}, Clear: end, Doubt: end, Keep: time.Hour})
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// stands are the states of messages.
func (d table) stands(ids ...string) (states []message.State) {
	d.t.Helper()
	for _, id := range ids {
		record, err := d.Book.Record(d.t.Context(), "shop", id)
		if err != nil {
			d.t.Fatal(err)
		}
		states = append(states, record.State)
	}
	return states
}

// told is what the account's log has of it, newest first.
func (d table) told() (lines []string) {
	d.t.Helper()
	entries, err := d.Book.Log(d.t.Context(), "shop")
	if err != nil {
		d.t.Fatal(err)
	}
	for _, e := range entries {
		lines = append(lines, fmt.Sprint(e.What, " ", e.Scope, " ", e.Reason, ": ", e.Info.Words, " by ", e.Info.Who))
	}
	return lines
}

func TestDoubtsEndInSomebodysName(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d, ctx := newTable(t, client), t.Context()
		for _, id := range []string{"a", "b", "c"} {
			d.doubt(id, id != "c")
		}
		if state, err := d.Doubts.Resolve(ctx, "shop", "a", ledger.Sent, "ops"); err != nil || state != message.Accepted {
			t.Errorf("a: %s, %v", state, err)
		}
		if _, err := d.Doubts.Resolve(ctx, "shop", "a", ledger.Drop, "ops"); !fault.Is(err, fault.Conflict) {
			t.Errorf("a once more: %v", err)
		}
		why := map[string]error{}
		more, err := d.Doubts.ResolveAll(ctx, "shop", ledger.Filter{}, ledger.Resend, "boss", func(id string, err error) { why[id] = err })
		if err != nil || more || len(why) != 2 || why["b"] != nil || !fault.Is(why["c"], fault.NotFound) {
			t.Errorf("more %v, %v: %v; want b sent again, and c left for want of its content", more, err, why)
		}
		if got := d.stands("a", "b", "c"); !slices.Equal(got, []message.State{message.Accepted, message.Waiting, message.InDoubt}) {
			t.Errorf("they stand %v", got)
		}
		if got := d.told(); !slices.Equal(got, []string{"resolve * resend: 1 doubts by boss", "resolve * sent: 1 doubts by ops"}) {
			t.Errorf("the log tells %q", got)
		}
	})
}

// What comes to be a doubt later than somebody looked is not meant, and without
// time nothing is begun.
func TestDoubtsThatAreNotMeantStay(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d, ctx := newTable(t, client), t.Context()
		d.doubt("seen", true)
		record, err := d.Book.Record(ctx, "shop", "seen")
		if err != nil {
			t.Fatal(err)
		}
		fail := func(id string, err error) { t.Errorf("%s was ended: %v", id, err) }
		if _, err := d.Doubts.ResolveAll(ctx, "shop", ledger.Filter{Until: record.UpdatedAt.Add(-time.Second)}, ledger.Drop, "ops", fail); err != nil {
			t.Error(err)
		}
		short, cancel := context.WithTimeout(ctx, 4*time.Second)
		defer cancel()
		if more, err := d.Doubts.ResolveAll(short, "shop", ledger.Filter{}, ledger.Drop, "ops", fail); err != nil || !more {
			t.Errorf("more %v, %v", more, err)
		}
		if got := d.stands("seen"); got[0] != message.InDoubt || len(d.told()) != 0 {
			t.Errorf("it is %v, and the log tells %q", got, d.told())
		}
		if _, err := d.Doubts.ResolveAll(ctx, "nobody", ledger.Filter{}, ledger.Drop, "ops", fail); !fault.Is(err, fault.NotFound) {
			t.Errorf("of an unknown account: %v", err)
		}
	})
}
