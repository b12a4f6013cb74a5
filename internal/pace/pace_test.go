package pace_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/pace"
)

func TestTheRateHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace.New(10, 5, 50)
		start := time.Now()
		for range 105 {
			release, err := p.Slot(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			release()
		}
		if took := time.Since(start); took < 10*time.Second-time.Millisecond || took > 11*time.Second {
			t.Fatalf("5 at once and 100 at 10 a second took %v, want 10s", took)
		}
	})
}

func TestNoMoreCallsAtOnceThanConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace.New(5000, 1000, 3)
		var now, most atomic.Int32
		var done sync.WaitGroup
		for range 20 {
			done.Go(func() {
				release, err := p.Slot(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				defer release()
				if n := now.Add(1); n > most.Load() {
					most.Store(n)
				}
				time.Sleep(time.Second)
				now.Add(-1)
			})
		}
		done.Wait()
		if most.Load() != 3 {
			t.Fatalf("%d calls at once, want 3", most.Load())
		}
	})
}

func TestASlotThatWasNotGivenIsNotHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pace.New(1, 1, 1)
		release, err := p.Slot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		if _, err := p.Slot(ctx); !fault.Is(err, fault.Unavailable) {
			t.Fatalf("got %v, want class unavailable", err)
		}
		release()
		if _, err := p.Slot(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}
