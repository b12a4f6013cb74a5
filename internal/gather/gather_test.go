package gather

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const most = 64

// tower counts the trips that a gathering makes.
type tower struct {
	mu    sync.Mutex
	trips [][]string
	takes time.Duration
}

func (w *tower) fly(ctx context.Context, asks []string) []Answer[string] {
	w.mu.Lock()
	w.trips = append(w.trips, asks)
	w.mu.Unlock()
	select {
	case <-time.After(w.takes):
	case <-ctx.Done():
		return make([]Answer[string], len(asks))
	}
	answers := make([]Answer[string], len(asks))
	for i, a := range asks {
		answers[i].Value = a
	}
	return answers
}

// TestWhatIsAskedAtOnceGoesTogether: nobody waits who is alone, and what comes
// while trips are under way shares the next ones; each is answered as itself.
func TestWhatIsAskedAtOnceGoesTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &tower{takes: time.Millisecond}
		g := New(most, w.fly)
		start := time.Now()
		if _, err := g.Do(t.Context(), "shop", "first"); err != nil || time.Since(start) != w.takes {
			t.Fatalf("one alone took %s, %v", time.Since(start), err)
		}
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				id := fmt.Sprint(i)
				if answer, err := g.Do(t.Context(), "shop", id); err != nil || answer != id {
					t.Errorf("%s is answered %v, %v", id, answer, err)
				}
			})
		}
		all.Wait()
		if trips := len(w.trips) - 1; trips > atOnce+2 {
			t.Errorf("100 at once took %d trips", trips)
		}
		for _, trip := range w.trips {
			if len(trip) > most {
				t.Errorf("%d in one trip", len(trip))
			}
		}
		synctest.Wait()
		if d := g.desk["shop"]; d.boarding || d.flights+len(d.waiting) != 0 {
			t.Errorf("left behind: %+v", d)
		}
	})
}

func TestOneAccountDoesNotWaitForAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &tower{takes: time.Second}
		g := New(most, w.fly)
		for range 2 * most {
			go func() { _, _ = g.Do(t.Context(), "shop", "x") }()
		}
		synctest.Wait()
		start := time.Now()
		if _, err := g.Do(t.Context(), "mini", "y"); err != nil || time.Since(start) != w.takes {
			t.Errorf("mini waited %s behind shop, %v", time.Since(start), err)
		}
		time.Sleep(5 * w.takes) // the fake clock's: shop's trips end
	})
}

func TestWhoseContextEndsDoesNotWaitForTheTrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &tower{takes: time.Hour}
		g := New(most, w.fly)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := g.Do(ctx, "shop", "x"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		time.Sleep(2 * w.takes) // the fake clock's: the trip ends by itself
	})
}
