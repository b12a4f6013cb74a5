package dispatch

import (
	"context"
	"time"
)

// slotGood is how long a slot may stand before its call starts: the rate is
// promised within that much.
const slotGood = 100 * time.Millisecond

// slot is the right to make one call now.
type slot struct {
	end   func()
	taken time.Time
}

func (s *slot) release() {
	if s.end != nil {
		s.end()
		s.end = nil
	}
}

func (d *Dispatcher) slot(ctx context.Context) (*slot, error) {
	s := &slot{}
	return s, d.take(ctx, s)
}

// take puts a fresh slot in the place of s.
func (d *Dispatcher) take(ctx context.Context, s *slot) error {
	s.release()
	end, err := d.Pace.Slot(ctx)
	if err != nil {
		return err
	}
	s.end, s.taken = end, time.Now()
	return nil
}

// fresh makes sure that the slot is good for a call now, taking another one
// when it has gone stale; false when none comes before the deadline.
func (d *Dispatcher) fresh(ctx context.Context, s *slot, deadline time.Time) bool {
	if time.Now().After(deadline) {
		return false
	}
	if s.end != nil && time.Since(s.taken) <= slotGood {
		return true
	}
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	return d.take(ctx, s) == nil
}
