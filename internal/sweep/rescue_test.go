package sweep

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wxdispatch/internal/message"
)

func TestDeadRunsAreBroughtOn(t *testing.T) {
	h := newHouse()
	h.add("a", message.Sending, Standing{Live: true})
	h.add("archived", message.Sending, Standing{Archived: true}) // asynq gave it up; its content is there
	h.add("gone", message.Sending, Standing{})                   // for Tidy to end
	h.overdue = []string{"a", "archived", "gone", "forgotten"}   // forgotten: its record is gone
	if err := h.sweeper(Options{}).Rescue(t.Context()); err != nil {
		t.Fatal(err)
	}
	slices.Sort(h.handled)
	if !slices.Equal(h.handled, []string{"a", "archived"}) {
		t.Fatalf("brought on: %q, want those whose content is there", h.handled)
	}
}

func TestWhatADeadWorkerHadTakenIsBroughtOn(t *testing.T) {
	h := newHouse()
	h.add("waits", message.Waiting, Standing{Live: true})
	h.add("accepted", message.Accepted, Standing{Live: true})
	h.add("held", message.Sending, Standing{Live: true})
	h.tasks["new"] = Standing{Live: true} // no run began it: it has no record
	h.silent = map[message.Lane][]string{{Account: "shop", Kind: message.Template}: {"waits", "accepted", "held", "new"}}
	if err := h.sweeper(Options{}).Rescue(t.Context()); err != nil {
		t.Fatal(err)
	}
	if slices.Contains(h.handled, "held") {
		t.Error("what a run holds was brought on before its time was over")
	}
	if !slices.Contains(h.handled, "new") || !slices.Contains(h.handled, "waits") {
		t.Errorf("brought on: %q, want what nobody holds", h.handled)
	}
}

func TestARescueThatRedisDoesNotAnswerBringsNothingOn(t *testing.T) {
	h := newHouse()
	h.add("a", message.Sending, Standing{Live: true})
	h.overdue, h.away = []string{"a"}, true
	if err := h.sweeper(Options{}).Rescue(t.Context()); err == nil || len(h.handled) != 0 {
		t.Fatalf("got %v and brought on %q, want an error and nothing", err, h.handled)
	}
}

// TestTheLivingWriteFirstOnceRedisIsBack: what runs hold over an outage is left
// to them for a moment, since they may know what came of it.
func TestTheLivingWriteFirstOnceRedisIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse()
		h.add("a", message.Sending, Standing{Live: true})
		h.overdue, h.away = []string{"a"}, true
		s := h.sweeper(Options{})
		if err := s.Rescue(t.Context()); err == nil {
			t.Fatal("Redis is away, and nothing says so")
		}
		h.away = false
		for _, wait := range []time.Duration{0, writingDown - time.Millisecond} {
			time.Sleep(wait)
			if err := s.Rescue(t.Context()); err != nil || len(h.handled) != 0 {
				t.Fatalf("%s after Redis is back: brought on %q, %v; want nothing yet", wait, h.handled, err)
			}
		}
		time.Sleep(time.Millisecond)
		if err := s.Rescue(t.Context()); err != nil || len(h.handled) != 1 {
			t.Fatalf("then: brought on %q, %v; want the dead run", h.handled, err)
		}
	})
}

func TestManyDeadRunsAreBroughtOnAFewAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse()
		for i := range 3 * rescuers {
			id := fmt.Sprint("m-", i)
			h.add(id, message.Sending, Standing{Live: true})
			h.overdue = append(h.overdue, id)
		}
		var at, most atomic.Int32
		h.handle = func(context.Context) {
			most.Store(max(most.Load(), at.Add(1)))
			time.Sleep(time.Second) // a call; the bubble's clock
			at.Add(-1)
		}
		if err := h.sweeper(Options{}).Rescue(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(h.handled) != 3*rescuers || most.Load() > rescuers {
			t.Fatalf("%d brought on, %d at once; want all %d, at most %d at once", len(h.handled), most.Load(), 3*rescuers, rescuers)
		}
	})
}

func TestASweeperWorksUntilItIsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse()
		h.add("dead", message.Sending, Standing{Live: true})
		h.add("gone", message.Waiting, Standing{})
		h.overdue = []string{"dead"}
		s := h.sweeper(Options{})
		s.Start()
		time.Sleep(rescueEvery + time.Millisecond)
		synctest.Wait()
		if len(h.handled) != 1 {
			t.Fatalf("a second after its time: %q, want that the dead run was brought on", h.handled)
		}
		time.Sleep(2 * tidyEvery)
		synctest.Wait()
		if h.done["gone"] != Abandon {
			t.Fatalf("after two looks: %q, want that the message whose task is gone was ended", h.done["gone"])
		}
		s.Stop()
	})
}

func TestStopWaitsForWhatIsBeingBroughtOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse()
		h.add("dead", message.Sending, Standing{Live: true})
		h.overdue = []string{"dead"}
		var told, settled atomic.Bool
		h.handle = func(ctx context.Context) {
			<-ctx.Done()
			told.Store(true)
			time.Sleep(time.Second) // what was begun is settled
			settled.Store(true)
		}
		s := h.sweeper(Options{})
		s.Start()
		time.Sleep(rescueEvery + time.Millisecond)
		s.Stop()
		if !told.Load() || !settled.Load() {
			t.Fatalf("told to end: %v, settled: %v; want both before Stop returns", told.Load(), settled.Load())
		}
	})
}

func TestASweeperThatNeverRanCanBeStopped(t *testing.T) {
	newHouse().sweeper(Options{}).Stop()
}
