package wxdispatch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"wxdispatch"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
)

// app is a client as an app has it, and the ledger that workers write in.
type app struct {
	*wxdispatch.Client
	t      testing.TB
	ledger *ledger.Ledger
}

func newApp(t testing.TB, client redis.UniversalClient) *app {
	t.Helper()
	door, err := wxdispatch.New(wxdispatch.Redis(client, wxdispatch.WithTimes(time.Hour, time.Hour), wxdispatch.WithAccounts(
		wxdispatch.Account{Name: "shop", Type: wxdispatch.Official}, wxdispatch.Account{Name: "mini", Type: wxdispatch.MiniProgram})))
	if err != nil {
		t.Fatal(err)
	}
	return &app{door, t, ledger.New(client)}
}

func (a *app) send(id string) *wxdispatch.Message {
	a.t.Helper()
	m, err := wxdispatch.Decode([]byte(fmt.Sprintf(`{"id":%q,"account":"shop","kind":"template",
		"body":{"touser":"oUser","template_id":"tpl","data":{"k":{"value":"v"}}}}`, id)))
	if err == nil {
		_, err = a.Send(a.t.Context(), m)
	}
	if err != nil {
		a.t.Fatal(err)
	}
	return m
}

// ends brings a message to its end, as a worker does.
func (a *app) ends(id string, state wxdispatch.State, class wxdispatch.Class) {
	a.t.Helper()
	m, ctx, out := a.send(id), context.Background(), message.Outcome{State: state}
	_, begun := a.ledger.Begin(ctx, message.Attempt{Run: id, Message: m, Created: time.Now(), Window: time.Minute, MaxAttempts: 3, Keep: time.Hour})
	_, settled := a.ledger.Settle(ctx, message.Settlement{Run: id, Message: m, Answer: message.Answer{Class: class}, Clear: out, Doubt: out, Keep: time.Hour})
	if err := errors.Join(begun, settled, a.ledger.KeepPayload(ctx, m, time.Hour)); err != nil {
		a.t.Fatal(err)
	}
}

func TestAnAppStopsAndStartsMessages(t *testing.T) {
	everyWay(t, func(t *testing.T, a *app) {
		a.send("new")
		a.ends("bad", wxdispatch.Failed, fault.Busy)
		a.ends("doubt", wxdispatch.InDoubt, fault.Unanswered)
		a.ends("good", wxdispatch.Accepted, fault.OK)
		cancel := func(id string) (wxdispatch.State, error) { return a.Cancel(t.Context(), "shop", id) }
		replay := func(id string) (wxdispatch.State, error) { return a.Replay(t.Context(), "shop", id) }
		resend := func(id string) (wxdispatch.State, error) {
			return a.Resolve(t.Context(), "shop", id, wxdispatch.Resend)
		}
		for _, c := range []struct {
			what  string
			do    func(string) (wxdispatch.State, error)
			id    string
			state wxdispatch.State
			class wxdispatch.Class
		}{
			{"cancel", cancel, "new", wxdispatch.Cancelled, ""},
			{"cancel again", cancel, "new", wxdispatch.Cancelled, ""},
			{"cancel", cancel, "good", wxdispatch.Accepted, wxdispatch.Conflict},
			{"cancel", cancel, "nobody", "", wxdispatch.NotFound},
			{"replay", replay, "good", wxdispatch.Accepted, wxdispatch.Conflict},
			{"replay", replay, "doubt", wxdispatch.InDoubt, wxdispatch.Conflict},
			{"replay", replay, "new", wxdispatch.Cancelled, wxdispatch.Conflict},
			{"resolve", resend, "bad", wxdispatch.Failed, wxdispatch.Conflict},
			{"resolve", resend, "doubt", wxdispatch.Waiting, ""},
		} {
			state, err := c.do(c.id)
			if state != c.state || fault.ClassOf(err) != c.class {
				t.Errorf("%s %s: %s, %v; want %s, class %q", c.what, c.id, state, err, c.state, c.class)
			}
		}
		var failed []string
		for record, err := range a.Failed(t.Context(), "shop", wxdispatch.Filter{State: wxdispatch.Failed}) {
			if err != nil {
				t.Fatal(err)
			}
			failed = append(failed, record.ID)
			if _, err := a.Replay(t.Context(), "shop", record.ID); err != nil {
				t.Error(err)
			}
		}
		if fmt.Sprint(failed) != "[bad]" {
			t.Errorf("bad ends %v, want bad alone", failed)
		}
		if records, err := a.Find(t.Context(), "shop", "oUser", "", time.Now().Add(-time.Hour)); err != nil || len(records) != 4 {
			t.Errorf("found %d, %v; want 4", len(records), err)
		}
	})
}

func TestAnAppHearsThatRedisIsAway(t *testing.T) {
	a := newApp(t, redistest.Mini(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, cancelled := a.Cancel(ctx, "shop", "a")
	_, replayed := a.Replay(ctx, "shop", "a")
	_, resolved := a.Resolve(ctx, "shop", "a", wxdispatch.Sent)
	_, found := a.Find(ctx, "shop", "oUser", "", time.Time{})
	var failed error
	for _, err := range a.Failed(ctx, "shop", wxdispatch.Filter{}) {
		failed = err
	}
	for what, err := range map[string]error{"cancel": cancelled, "replay": replayed, "resolve": resolved, "find": found, "failed": failed} {
		if !fault.Is(err, wxdispatch.Unavailable) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Over HTTP it is the server that hears it; what it says comes to the same.
func TestAnAppOverHTTPHearsThatRedisIsAway(t *testing.T) {
	redis := miniredis.RunT(t)
	client := overHTTP(t, serve(t, settings(redistest.Client(t, redis.Addr()))), secretKey)
	redis.Close()
	result, err := client.Send(t.Context(), order(t, "", "oUser"))
	var failure *wxdispatch.Error
	if !errors.As(err, &failure) || failure.Class != wxdispatch.Unavailable || failure.RetryAfter <= 0 || len(result.ID) != 26 {
		t.Errorf("%+v, %v", result, err)
	}
	messages, results := []*wxdispatch.Message{order(t, "a", "oUser"), order(t, "", "oUser")}, 0
	for result, err := range client.SendAll(t.Context(), slices.Values(messages)) {
		if results++; class(err) != wxdispatch.Unavailable || result.ID == "" {
			t.Errorf("%+v, %v", result, err)
		}
	}
	if results != len(messages) {
		t.Errorf("%d results of %d messages", results, len(messages))
	}
}
