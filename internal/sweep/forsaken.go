package sweep

import (
	"context"
	"time"

	"wxdispatch/internal/message"
)

// silence is how long a worker's signs of life may be missing before what it
// had taken is brought on: three of asynq's.
const silence = 15 * time.Second

// forsaken returns the messages that a dead worker had taken from the queue and
// that no run holds: it had not begun them, or waited to try again.
func (s *Sweeper) forsaken(ctx context.Context) ([]place, error) {
	found, err := s.o.Queue.Forsaken(ctx, s.o.Account, silence, rescuePage)
	if err != nil {
		return nil, err
	}
	var places []place
	for lane, ids := range found {
		records, err := s.o.Book.Records(ctx, s.o.Account, ids)
		if err != nil {
			return nil, err
		}
		for i, id := range ids {
			if idle(records[i], time.Now()) {
				places = append(places, place{lane: lane, id: id})
			}
		}
	}
	return places, nil
}

// idle tells whether a taken message may be begun: it never was, or it waits
// and is due. What is being sent is its run's, then an overdue one's.
func idle(record *message.Record, now time.Time) bool {
	return record == nil || record.State == message.Queued || record.State == message.Waiting && !now.Before(record.Due)
}
