package main

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
)

// office is a shell and, behind it, the ledger that a worker writes in.
type office struct {
	*shell
	ledger *ledger.Ledger
	m      *message.Message
}

func newOffice(t *testing.T) *office {
	addr := miniredis.RunT(t).Addr()
	m, err := message.Decode([]byte(order("a", "1")))
	if err != nil {
		t.Fatal(err)
	}
	var client redis.UniversalClient = redistest.Client(t, addr)
	return &office{newShell(t, addr), ledger.New(client), m}
}

func (o *office) begin() {
	o.t.Helper()
	_, err := o.ledger.Begin(o.t.Context(), message.Attempt{Run: "r", Message: o.m, Created: time.Now(),
		Window: time.Minute, MaxAttempts: 3, Keep: time.Hour})
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) settle(state message.State, reason string, class fault.Class, code int) {
	o.t.Helper()
	out := message.Outcome{State: state, Reason: reason}
	_, err := o.ledger.Settle(o.t.Context(), message.Settlement{Run: "r", Message: o.m,
		Answer: message.Answer{Class: class, Code: code}, Clear: out, Doubt: out, Keep: time.Hour})
	if err != nil {
		o.t.Fatal(err)
	}
}

var anyTime = regexp.MustCompile(`\d{4}-\d\d-\d\dT\S+ *`)

func TestStatusShowsHistoryInWords(t *testing.T) {
	o := newOffice(t)
	o.run(order("a", "1"), "send").exits(exitOK)
	o.begin()
	o.settle(message.Refused, "recipient", fault.Recipient, 43004)
	got := o.run("", "status", "shop", "a").exits(exitOK)
	got.out = anyTime.ReplaceAllString(got.out, "TIME ")
	for _, want := range []string{"a   template  refused  recipient         1  43004    -        TIME",
		"TIME queued ", "TIME refused  recipient  43004    the user does not follow the account"} {
		if !strings.Contains(got.out, want) {
			t.Errorf("the table has no %q:\n%s", want, got.out)
		}
	}
	record := o.run("", "status", "--json", "shop", "a").exits(exitOK).lines()[0]
	history := record["history"].([]any)
	if last := history[len(history)-1].(map[string]any); last["meaning"] == nil || record["state"] != "refused" || record["openid"] != "oUser" {
		t.Errorf("record %v", record)
	}
}

func TestStatusOfSeveral(t *testing.T) {
	o := newOffice(t)
	o.run(order("a", "1")+order("b", "1"), "send").exits(exitOK)
	got := o.run("", "status", "shop", "a", "b", "c").exits(exitRefused).says("c: account shop has no message c")
	if strings.Count(got.out, "queued") != 2 || strings.Contains(got.out, "MEANING") {
		t.Errorf("table:\n%s", got.out)
	}
	lines := o.run("", "status", "shop", "a", "c", "--json").exits(exitRefused).lines()
	if len(lines) != 2 || lines[0]["state"] != "queued" || lines[1]["error"].(map[string]any)["code"] != "not_found" {
		t.Errorf("lines %v", lines)
	}
	o.run("", "status", "nobody", "a").exits(exitRefused).says("known are mini (miniprogram), shop (official)")
}

func TestWaitTellsTheFinalState(t *testing.T) {
	cases := []struct {
		state message.State
		class fault.Class
		code  int
		exit  int
	}{
		{message.Accepted, fault.OK, 0, exitOK},
		{message.Refused, fault.Recipient, 43004, exitRefused},
		{message.InDoubt, fault.Unanswered, 0, exitRefused},
	}
	for _, c := range cases {
		t.Run(string(c.state), func(t *testing.T) {
			o := newOffice(t)
			o.run(order("a", "1"), "send").exits(exitOK)
			o.begin()
			back := make(chan ran, 1)
			go func() { back <- o.run(order("a", "1"), "send", "--wait", "1m", "--json") }()
			o.settle(c.state, "", c.class, c.code)
			got := (<-back).exits(c.exit)
			if state := got.lines()[0]["state"]; state != string(c.state) {
				t.Errorf("state %v, want %s", state, c.state)
			}
		})
	}
}

// What is scheduled or paused is told as it stands when the wait is over, and an
// interrupt ends the wait at once, with what is known by then.
func TestWaitForWhatDoesNotMove(t *testing.T) {
	s := miniShell(t)
	later := strings.Replace(order("later", "1"), `{`, `{"send_at":"`+time.Now().Add(time.Hour).Format(time.RFC3339)+`",`, 1)
	got := s.run(later, "send", "--wait", "1ms", "--json").exits(exitRefused)
	if state := got.lines()[0]["state"]; state != "queued" {
		t.Errorf("a scheduled message is told as %v", state)
	}
	ctx, cancel := context.WithCancel(t.Context())
	stdin := &handed{later + "\n" + order("now", "1") + "\n", func() { time.AfterFunc(150*time.Millisecond, cancel) }, make(chan struct{})}
	close(stdin.end) // so that it ends where it would wait
	got = s.runFrom(ctx, stdin, "send", "--wait", "1h", "--json").exits(exitOurs).says("interrupted; what was handed over stays")
	if lines := got.lines(); len(lines) != 2 || lines[0]["state"] != "queued" || lines[1]["state"] != "queued" {
		t.Errorf("results: %s", got.out)
	}
}

func TestWaitEnds(t *testing.T) {
	got := miniShell(t).run(order("a", "1")+`{"id":"x"}`, "send", "--wait", "1ms", "--json").exits(exitRefused)
	if lines := got.lines(); lines[0]["state"] != "queued" || lines[1]["error"] == nil {
		t.Errorf("results: %s", got.out)
	}
}
