package chaos_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"wxdispatch/internal/message"
)

// accused is how many messages are told of in full when something is wrong.
const accused = 20

// tally is one row of the report.
type tally struct {
	states                          map[message.State]int
	doubts                          map[string]int // by reason
	messages, calls, unheard, rings int
	lost, doubled, late, uncalled   int // uncalled: in doubt, though no call was made
}

func newTally() *tally { return &tally{states: map[message.State]int{}, doubts: map[string]int{}} }

func (s *tally) add(e evidence) {
	s.messages++
	s.calls += e.talk.calls
	s.unheard += e.talk.unheard
	s.rings += e.rings
	if e.rings > 1 {
		s.doubled++
	}
	if e.record == nil || !e.record.State.Final() || e.record.State == message.Accepted && e.rings == 0 {
		s.lost++
	}
	if e.record == nil {
		return
	}
	s.states[e.record.State]++
	if e.record.State == message.InDoubt {
		s.doubts[e.record.Reason]++
		if e.talk.calls == 0 {
			s.uncalled++
		}
	}
	if e.late() {
		s.late++
	}
}

// report prints what became of the messages and what was done to them.
func (r *run) report(all []evidence) {
	r.t.Helper()
	rows, sum := map[message.Kind]*tally{}, newTally()
	for _, e := range all {
		kind := e.part.message.Kind
		if rows[kind] == nil {
			rows[kind] = newTally()
		}
		rows[kind].add(e)
		sum.add(e)
	}
	states := slices.DeleteFunc(message.States(), func(s message.State) bool { return sum.states[s] == 0 })
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	head := table.Row{"kind", "messages"}
	for _, s := range states {
		head = append(head, string(s))
	}
	t.AppendHeader(append(head, "calls", "unanswered", "delivered", "doubled", "lost"))
	for _, kind := range message.Kinds() {
		if row := rows[kind]; row != nil {
			t.AppendRow(row.cells(string(kind), states))
		}
	}
	t.AppendFooter(sum.cells("all", states))
	r.tell("\n%s\ndone: %s\n%s\ndoubts: %s (%d without a call); %d accepted by a late ok; %d sends of apps repeated; %d processes; %s; seed %d",
		t.Render(), listed(r.done), r.outcomes(), listed(sum.doubts), sum.uncalled, sum.late, r.feed.repeats.Load(), r.fleet.launched,
		time.Since(r.begun).Round(time.Second), r.seed)
}

func (s *tally) cells(name string, states []message.State) table.Row {
	row := table.Row{name, s.messages}
	for _, state := range states {
		row = append(row, s.states[state])
	}
	return append(row, s.calls, s.unheard, s.rings, s.doubled, s.lost)
}

// outcomes is what the stand-in answered, all kinds together.
func (r *run) outcomes() string {
	sums := map[string]int64{}
	for kind, by := range r.stand.Stats().Outcomes {
		if kind.Valid() {
			for outcome, n := range by {
				sums[outcome] += n
			}
		}
	}
	return "answers: " + listed(sums)
}

// listed is a count in words, in the order of what is counted.
func listed[K ~string, N int | int64](counts map[K]N) string {
	var words []string
	for _, what := range slices.Sorted(maps.Keys(counts)) {
		words = append(words, fmt.Sprintf("%d × %s", counts[what], what))
	}
	return strings.Join(words, ", ")
}

// accuse fails the test with the messages that broke a promise, the first of
// them with all that is known.
func (r *run) accuse(all []evidence) {
	r.t.Helper()
	told := 0
	for _, e := range all {
		wrong := e.faults()
		if len(wrong) == 0 {
			continue
		}
		if told++; told <= accused {
			r.t.Errorf("%s (%s, blocked: %t): %s\n%s", e.part.message.ID, e.part.message.Kind, e.part.blocked,
				strings.Join(wrong, "; "), e.story())
		}
	}
	if told > accused {
		r.t.Errorf("… and %d more", told-accused)
	}
}

// story is all that is known of a message, for whoever looks for the cause.
func (e evidence) story() string {
	var b strings.Builder
	fmt.Fprintf(&b, "  %d calls, %d unanswered, rang %d times, events %v\n", e.talk.calls, e.talk.unheard, e.rings, e.events)
	if e.record == nil {
		return b.String()
	}
	for _, step := range e.record.History {
		fmt.Fprintf(&b, "  %s %s %d %s\n", step.At.Format("15:04:05.000"), step.State, step.ErrCode, step.Reason)
	}
	return b.String()
}
