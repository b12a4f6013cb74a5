package main

import (
	"context"
	"time"

	"wxdispatch/internal/fault"
)

// Between two looks at one message.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = time.Second
)

// awaitAll follows every message that was taken to its end, or until --wait is
// over, and tells all outcomes in their order. Those that are still under way
// then are looked at once more, so nothing that ended is missed. When the
// sending was cut short already (lost), it only tells.
func (s *send) awaitAll(ctx context.Context, d *desk, lost error) error {
	waiting, cancel := context.WithTimeout(ctx, s.wait)
	defer cancel()
	s.progress.close()
	s.progress = s.newProgress("messages ended")
	for i := range s.held {
		if lost == nil {
			lost = s.await(ctx, waiting, d, &s.held[i])
		}
		if err := s.report.add(s.held[i]); err != nil {
			return err
		}
		s.progress.step()
	}
	return lost
}

// await looks at a message until it has ended or waiting is over.
func (s *send) await(ctx, waiting context.Context, d *desk, o *outcome) error {
	for pause := firstPause; !ended(*o); pause = min(2*pause, longestPause) {
		record, err := d.status(ctx, o.Account, o.ID)
		switch {
		case fault.Is(err, fault.NotFound):
			return nil // its task was deleted: nothing more will come
		case err != nil:
			return d.away(ctx, err)
		}
		o.State = record.State
		s.progress.show()
		switch {
		case ended(*o):
			return nil
		case !sleep(waiting, pause) && ctx.Err() != nil:
			return d.away(ctx, ctx.Err())
		case waiting.Err() != nil:
			return nil
		}
	}
	return nil
}

// sleep tells whether the whole pause passed before ctx ended.
func sleep(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
