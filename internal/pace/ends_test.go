package pace

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"wxdispatch/internal/fault"
)

func TestASlotThatWasNotGivenIsNotHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		p := s.pacer(1, 1, 1)
		defer p.Close()
		end, _, err := p.Slot(t.Context(), false)
		if err != nil {
			t.Fatal(err)
		}
		for _, batch := range []bool{false, true} {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			if _, _, err := p.Slot(ctx, batch); !fault.Is(err, fault.Unavailable) {
				t.Fatalf("got %v while the only call is under way, want class unavailable", err)
			}
			cancel()
		}
		end()
		if end, _, err = p.Slot(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		end()
	})
}

func TestCloseEndsAllWaitsAndGivesSlotsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		p := s.pacer(100, 1, 1)
		end, _, err := p.Slot(t.Context(), false)
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error)
		for range 3 {
			go func() {
				_, _, err := p.Slot(t.Context(), false)
				ended <- err
			}()
		}
		synctest.Wait()
		p.mu.Lock()
		block := grant{slots: 20, from: s.line.t, to: s.line.t + 200_000, now: time.Now().UnixMicro()}
		s.line.t = block.to // as if it had leased 20 more
		p.blocks = append(p.blocks, newBlock(block, &p.clock, time.Now()))
		p.mu.Unlock()
		p.Close()
		for range 3 {
			if err := <-ended; !fault.Is(err, fault.Unavailable) {
				t.Errorf("a wait ended with %v, want class unavailable", err)
			}
		}
		if _, _, err := p.Slot(t.Context(), false); !fault.Is(err, fault.Unavailable) {
			t.Errorf("after Close: %v, want class unavailable", err)
		}
		end() // a call may end later
		if s.line.t > block.from+10_000 || len(s.line.members) != 0 {
			t.Errorf("the line is leased to %d µs after what was used, and knows %d workers", s.line.t-block.from, len(s.line.members))
		}
		p.Close()
	})
}

// A pause in which nobody sends costs nothing but a word now and then.
func TestAnIdlePacerHardlyAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		p := s.pacer(5000, 20, 50)
		defer p.Close()
		time.Sleep(time.Minute)
		if n := s.line.made(); n > 13 {
			t.Errorf("%d trips in an idle minute, want one in 5 s", n)
		}
	})
}
