package dispatch

import (
	"context"
	"time"

	"wxdispatch/internal/message"
)

// slot is the right to make one call now.
type slot struct {
	end  func()
	good time.Time // the call must have started by then
}

func (s *slot) release() {
	if s.end != nil {
		s.end()
		s.end = nil
	}
}

// slot waits for the first slot of an attempt, at the message's door.
func (d *Dispatcher) slot(ctx context.Context, m *message.Message) (*slot, error) {
	s := &slot{}
	return s, d.enter(ctx, s, m.Batch != "")
}

// take puts a fresh slot in the place of s. Whoever has begun holds the message
// and goes with the single ones.
func (d *Dispatcher) take(ctx context.Context, s *slot) error { return d.enter(ctx, s, false) }

func (d *Dispatcher) enter(ctx context.Context, s *slot, batch bool) error {
	s.release()
	end, good, err := d.Pace.Slot(ctx, batch)
	if err != nil {
		return err
	}
	s.end, s.good = end, good
	return nil
}

// fresh makes sure that the slot is good for a call now, taking another one
// when it has gone stale; false when none comes before the deadline.
func (d *Dispatcher) fresh(ctx context.Context, s *slot, deadline time.Time) bool {
	if time.Now().After(deadline) {
		return false
	}
	if s.end != nil && !time.Now().After(s.good) {
		return true
	}
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	return d.take(ctx, s) == nil
}
