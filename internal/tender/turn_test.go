package tender

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/tasks"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestWhatHoldsABatch(t *testing.T) {
	backlog := func(pending, active int) tasks.Backlog {
		return tasks.Backlog{States: map[string]int{"pending": pending, "active": active}}
	}
	for _, c := range []struct {
		name    string
		batch   ledger.Batch
		backlog tasks.Backlog
		quiet   bool
		want    string
	}{
		{"it runs", ledger.Batch{State: ledger.BatchRunning}, backlog(5, 0), false, ""},
		{"it pauses", ledger.Batch{State: ledger.BatchPaused}, backlog(5, 0), false, "paused"},
		{"the night", ledger.Batch{State: ledger.BatchRunning}, backlog(5, 0), true, "quiet_hours"},
		{"it ignores the night", ledger.Batch{State: ledger.BatchRunning, IgnoreQuiet: true}, backlog(5, 0), true, ""},
		{"cancelled", ledger.Batch{State: ledger.BatchCancelled}, backlog(5, 1), false, "cancelled"},
		{"cancelled, and a dead worker had one", ledger.Batch{State: ledger.BatchCancelled}, backlog(0, 1), true, ""},
	} {
		if got := holds(&c.batch, c.backlog, c.quiet); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// house is an account with one batch.
type house struct {
	batch   *ledger.Batch
	backlog tasks.Backlog
	held    int
	done    int
	lanes   []*still
}

func (h *house) Batches(context.Context, string) ([]*ledger.Batch, []string, error) {
	if h.batch == nil {
		return nil, nil, nil
	}
	return []*ledger.Batch{h.batch}, nil, nil
}

func (h *house) StandBatch(_ context.Context, _, _ string, waits bool, _ time.Duration) (bool, error) {
	if !waits {
		h.done++
		h.batch.DoneAt = time.Now()
	}
	return true, nil
}
func (h *house) ForgetBatch(context.Context, string, string) error { return nil }
func (h *house) Claim(context.Context, string, string, time.Duration) (bool, error) {
	return true, nil
}
func (h *house) Backlogs(_ context.Context, lanes []message.Lane) ([]tasks.Backlog, error) {
	all := make([]tasks.Backlog, len(lanes))
	for i := range all {
		all[i] = h.backlog
	}
	return all, nil
}
func (h *house) Hold(context.Context, message.Lane) (tasks.Pause, error) {
	h.held++
	h.backlog.Pause = tasks.PausedBefore
	return tasks.PausedNow, nil
}
func (h *house) Release(context.Context, message.Lane) (bool, error) {
	h.backlog.Pause = ""
	return true, nil
}
func (h *house) Publish(context.Context, message.Lane) error      { return nil }
func (h *house) Drop(context.Context, message.Lane) (bool, error) { return true, nil }

// still is a lane that only notes what it is told.
type still struct{ told string }

func (s *still) Start() error { s.told = "start"; return nil }
func (s *still) Park()        { s.told = "park" }
func (s *still) Drain()       { s.told = "drain" }
func (s *still) Stop()        { s.told = "stop" }

// TestALaneFollowsItsBatch through all that holds it, until it is done.
func TestALaneFollowsItsBatch(t *testing.T) {
	h := &house{batch: &ledger.Batch{Account: "shop", Name: "spring", State: ledger.BatchRunning, Kinds: []message.Kind{message.Template}}}
	h.backlog.States = map[string]int{"pending": 3}
	tender := New(Options{Account: "shop", Kinds: []message.Kind{message.Template}, Book: h, Queues: h, Keep: time.Hour, Log: slog.New(slog.DiscardHandler),
		Make: func(message.Lane, *ledger.Batch) Lane {
			l := &still{}
			h.lanes = append(h.lanes, l)
			return l
		}})
	turn := func(lanes int, told string, paused bool) {
		t.Helper()
		if err := tender.turn(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(h.lanes) != lanes || lanes > 0 && h.lanes[lanes-1].told != told || (h.backlog.Pause != "") != paused {
			t.Fatalf("lanes %d, the last was told %q, paused %q; want %d, %q, %v", len(h.lanes), h.lanes[len(h.lanes)-1].told, h.backlog.Pause, lanes, told, paused)
		}
	}
	turn(0, "", true) // nobody said yet that the kind may go
	tender.Go(message.Template)
	turn(1, "start", false)
	tender.Park(message.Template) // at once, before any look
	if h.lanes[0].told != "park" {
		t.Fatalf("parked, the lane was told %q", h.lanes[0].told)
	}
	turn(1, "park", true)
	tender.Go(message.Template)
	turn(1, "start", false)
	h.batch.State = ledger.BatchPaused
	turn(1, "park", true)
	h.batch.State, h.batch.Rate = ledger.BatchRunning, 5
	turn(2, "start", false) // made anew for its own rate
	h.backlog.States = map[string]int{}
	for range emptyLooks - 1 {
		turn(2, "start", false)
	}
	if err := tender.turn(t.Context()); err != nil { // its lane ends beside
		t.Fatal(err)
	}
	if h.done != 1 {
		t.Fatalf("it was said to be done %d times", h.done)
	}
	tender.Stop()
	if h.lanes[0].told != "stop" || h.lanes[1].told != "stop" {
		t.Fatalf("in the end the lanes were told %q and %q", h.lanes[0].told, h.lanes[1].told)
	}
}
