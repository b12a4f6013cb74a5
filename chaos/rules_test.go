package chaos_test

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/message"
)

// Each promise is broken once, so that a judge who no longer sees it is noticed.
func TestTheJudgeSeesEachBrokenPromise(t *testing.T) {
	once, repeating, blocked := &part{}, &part{repeating: true}, &part{blocked: true}
	is := func(s message.State, reason string) *message.Record { return &message.Record{State: s, Reason: reason} }
	late := is(message.Accepted, "")
	late.History = []message.Step{{State: message.InDoubt}, {State: message.Accepted, Reason: "late"}}
	told := func(s ...message.State) []message.State { return s }
	accepted, inDoubt, refused := told(message.Accepted), told(message.InDoubt), told(message.Refused)
	for _, c := range []struct {
		name string
		e    evidence
		want string // none: all is well
	}{
		{"accepted and delivered", evidence{part: once, record: is(message.Accepted, ""), rings: 1, talk: talk{1, 0}, events: accepted}, ""},
		{"accepted, not delivered", evidence{part: once, record: is(message.Accepted, ""), talk: talk{1, 0}, events: accepted}, "never delivered"},
		{"delivered twice", evidence{part: repeating, record: is(message.Accepted, ""), rings: 2, talk: talk{2, 1}, events: accepted}, "delivered 2 times"},
		{"no record", evidence{part: once}, "no record"},
		{"no end", evidence{part: once, record: is(message.Waiting, "busy"), talk: talk{1, 0}}, "no final state"},
		{"refused, yet delivered", evidence{part: blocked, record: is(message.Refused, ""), rings: 1, talk: talk{1, 0}, events: refused}, "delivered, though"},
		{"refused, as it must", evidence{part: blocked, record: is(message.Refused, ""), talk: talk{1, 0}, events: refused}, ""},
		{"refused for no reason", evidence{part: once, record: is(message.Refused, ""), talk: talk{1, 0}, events: refused}, "possible are"},
		{"silence, held in doubt", evidence{part: once, record: is(message.InDoubt, ""), rings: 1, talk: talk{1, 1}, events: inDoubt}, ""},
		{"silence, sent again", evidence{part: once, record: is(message.Accepted, ""), rings: 1, talk: talk{2, 1}, events: accepted}, "went unanswered"},
		{"silence, sent again harmlessly", evidence{part: repeating, record: is(message.Accepted, ""), rings: 1, talk: talk{2, 1}, events: accepted}, ""},
		{"silence, held though it need not be", evidence{part: repeating, record: is(message.InDoubt, ""), talk: talk{1, 1}, events: inDoubt}, "possible are"},
		{"its task forgotten by a failover", evidence{part: repeating, record: is(message.InDoubt, "task_gone"), rings: 1, talk: talk{1, 0}, events: inDoubt, failover: true}, ""},
		{"a late ok", evidence{part: once, record: late, rings: 1, talk: talk{1, 1}, events: told(message.InDoubt, message.Accepted)}, ""},
		{"two ends", evidence{part: once, record: is(message.Accepted, ""), rings: 1, talk: talk{1, 0}, events: told(message.Accepted, message.Accepted)}, "more than once"},
		{"an end that no event told", evidence{part: once, record: is(message.Accepted, ""), rings: 1, talk: talk{1, 0}}, "its events say"},
	} {
		got := strings.Join(c.e.faults(), "; ")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestThePlan(t *testing.T) {
	for seed := range uint64(20) {
		draw := func() []step { return plan(rand.New(rand.NewPCG(seed, seed)), 10*time.Second, workers) }
		steps := draw()
		if !reflect.DeepEqual(steps, draw()) {
			t.Fatalf("seed %d: two plans", seed)
		}
		seen := map[deed]int{}
		for _, s := range steps[:len(deck)] {
			seen[s.deed]++
		}
		for _, what := range deck {
			if seen[what] == 0 {
				t.Errorf("seed %d: the first round has no %q", seed, what)
			}
		}
	}
}
