package park

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/tasks"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestWhatHoldsAndWhatMayBeTried(t *testing.T) {
	over, later := noon.Add(-time.Second), noon.Add(time.Minute)
	daily := ledger.Parked{Kind: message.Template, Reason: "daily", Next: over, Until: later}
	account := ledger.Parked{Reason: "account", Next: later}
	person := ledger.Parked{Kind: message.Template, Reason: ledger.Operator}
	for _, c := range []struct {
		name        string
		parks       []ledger.Parked
		kind        message.Kind
		held, tried bool
	}{
		{"nothing", nil, message.Template, false, false},
		{"its own, whose time has come", []ledger.Parked{daily}, message.Template, true, true},
		{"another kind's", []ledger.Parked{daily}, message.Bizsend, false, false},
		{"all kinds', whose time has not come", []ledger.Parked{account}, message.Bizsend, true, false},
		{"its own may be tried, all kinds' not", []ledger.Parked{daily, account}, message.Template, true, false},
		{"a person's is never tried", []ledger.Parked{person}, message.Template, true, false},
		{"a person's beside one that may be", []ledger.Parked{daily, person}, message.Template, true, false},
	} {
		if held := len(holding(c.parks, c.kind)) > 0; held != c.held {
			t.Errorf("%s: held %t, want %t", c.name, held, c.held)
		}
		if tried := probeable(c.parks, c.kind, noon); tried != c.tried {
			t.Errorf("%s: tried %t, want %t", c.name, tried, c.tried)
		}
	}
	for _, c := range []struct {
		until, next time.Time
		want        time.Duration
	}{
		{time.Time{}, time.Time{}, lookEvery}, {later, over, lookEvery}, {noon.Add(300 * time.Millisecond), later, 300 * time.Millisecond},
		{later, noon.Add(time.Millisecond), soonest},
	} {
		if got := wait(ledger.Standing{Now: noon, Parks: []ledger.Parked{{Until: c.until, Next: c.next}}}); got != c.want {
			t.Errorf("until %s, next %s: look again in %s, want %s", c.until, c.next, got, c.want)
		}
	}
}

// stage is all that a keeper stands on, and writes down what it does.
type stage struct {
	standing ledger.Standing
	pauses   []tasks.Pause // what Hold finds, in turn; then PausedBefore
	verdicts map[string]message.Verdict
	waiting  []string
	taken    bool // the right to probe is another's
	did      []string
}

func (s *stage) note(what string) { s.did = append(s.did, what) }

func (s *stage) Look(context.Context, string) (ledger.Standing, error) { return s.standing, nil }
func (s *stage) Unpark(_ context.Context, _ string, kind message.Kind, _ string, _ ledger.ParkInfo, reasons ...string) (int, error) {
	s.note("unpark " + string(kind) + " " + reasons[0])
	return 1, nil
}

func (s *stage) Note(_ context.Context, _, what, _, _ string, _ ledger.ParkInfo) error {
	s.note("log " + what)
	return nil
}

func (s *stage) Hold(context.Context, message.Lane) (tasks.Pause, error) {
	if len(s.pauses) == 0 {
		return tasks.PausedBefore, nil
	}
	p := s.pauses[0]
	s.pauses = s.pauses[1:]
	return p, nil
}

func (s *stage) Release(context.Context, message.Lane) (bool, error) {
	s.note("release")
	return true, nil
}
func (s *stage) Start() error { s.note("start"); return nil }
func (s *stage) Park()        { s.note("park") }
func (s *stage) Claim(context.Context, string, time.Duration) (bool, error) {
	return !s.taken, nil
}

func (s *stage) Oldest(_ context.Context, _ message.Kind, from, _ int64) (jobs []message.Job, more bool, err error) {
	if from > 0 {
		return nil, false, nil
	}
	for _, id := range s.waiting {
		jobs = append(jobs, message.Job{Message: &message.Message{ID: id, Kind: message.Template}})
	}
	return jobs, true, nil
}

func (s *stage) Handle(_ context.Context, job message.Job) message.Verdict {
	s.note("try " + job.Message.ID)
	return s.verdicts[job.Message.ID]
}

func (s *stage) keeper(quotas map[message.Kind]int) *Keeper {
	return New(Options{Account: "shop", Kinds: []message.Kind{message.Template}, Book: s, Queues: s,
		Lanes: map[message.Kind]Lane{message.Template: s}, Probe: s, Quotas: quotas, Log: slog.New(slog.DiscardHandler)})
}

// turns takes turns and answers what was done in the last.
func (s *stage) turns(t *testing.T, k *Keeper, n int) []string {
	t.Helper()
	for range n {
		s.did = nil
		if _, err := k.turn(t.Context()); err != nil {
			t.Fatal(err)
		}
		k.done.Wait()
	}
	return s.did
}

func did(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: did %q, want %q", what, got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("%s: did %q, want %q", what, got, want)
		}
	}
}

func TestALaneFollowsItsParks(t *testing.T) {
	s := &stage{standing: ledger.Standing{Now: noon}}
	k := s.keeper(nil)
	did(t, "nothing parked", s.turns(t, k, 1), "release", "start")
	s.standing.Parks = []ledger.Parked{{Reason: ledger.Operator, Since: noon}}
	s.pauses = []tasks.Pause{tasks.PausedNow}
	did(t, "parked", s.turns(t, k, 1), "park")
	did(t, "still parked", s.turns(t, k, 1), "park")
	s.pauses = []tasks.Pause{tasks.PausedNow}
	did(t, "resumed in the web UI", s.turns(t, k, 1), "park", "log resume_put_back")
	s.pauses = []tasks.Pause{tasks.PausedNow}
	s.standing.Parks[0].Since = noon.Add(time.Second)
	did(t, "ended and parked anew between two looks", s.turns(t, k, 1), "park")
	s.pauses = []tasks.Pause{tasks.PausedByHand}
	did(t, "paused by hand", s.turns(t, k, 1), "park")
	s.standing.Parks = nil
	did(t, "over", s.turns(t, k, 1), "release", "start")
}

// TestTheOldestThatHasASayIsTried, and who could not begin rests.
func TestTheOldestThatHasASayIsTried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		again := func(reason string, parked bool) message.Verdict {
			return message.Verdict{Next: message.Again, After: 5 * time.Second, State: message.Waiting, Reason: reason, Parked: parked}
		}
		s := &stage{waiting: []string{"a", "b", "c", "d"}, verdicts: map[string]message.Verdict{
			"a": again("sending", false), "b": {Next: message.Stop, State: message.Expired}, "c": again("daily", true), "d": {Next: message.Done},
		}}
		s.standing = ledger.Standing{Now: noon, Parks: []ledger.Parked{{Kind: message.Template, Reason: "daily", Next: noon}}}
		k := s.keeper(nil)
		did(t, "refused", s.turns(t, k, 1), "park", "try a", "try b", "try c")
		s.taken = true
		did(t, "another worker's turn", s.turns(t, k, 1), "park")
		s.taken = false
		s.verdicts["c"] = again("token: account", false)
		did(t, "no token", s.turns(t, k, 1), "park", "try a", "try b", "try c")
		did(t, "at rest", s.turns(t, k, 1), "park")
		time.Sleep(5 * time.Second)
		did(t, "rested", s.turns(t, k, 1), "park", "try a", "try b", "try c")
		s.standing.Parks[0].Next = noon.Add(time.Second)
		did(t, "its time has not come", s.turns(t, k, 1), "park")
		k.Stop()
	})
}

func TestARaisedQuotaEndsItsPark(t *testing.T) {
	s := &stage{}
	s.standing = ledger.Standing{Now: noon, Used: map[message.Kind]int{message.Template: 10}, Parks: []ledger.Parked{{Kind: message.Template, Reason: ledger.Quota}}}
	k := s.keeper(map[message.Kind]int{message.Template: 10})
	did(t, "used up", s.turns(t, k, 2), "park")
	s.standing.Quotas = map[message.Kind]int{message.Template: 11}
	did(t, "raised", s.turns(t, k, 1), "unpark template quota", "park")
	did(t, "another worker parks again", s.turns(t, k, 1), "park")
	s.standing.Quotas = map[message.Kind]int{message.Template: noLimit}
	did(t, "no limit", s.turns(t, k, 1), "unpark template quota", "park")
	if most, limited := k.Quota(message.Template); limited {
		t.Errorf("got a limit of %d, want none", most)
	}
	s.standing.Quotas = nil
	s.turns(t, k, 1)
	k.SetQuotas(map[message.Kind]int{message.Template: 20})
	did(t, "another configuration", s.turns(t, k, 1), "unpark template quota", "park")
}
