package demo

import (
	"context"
	"fmt"
	"time"

	"wxdispatch"
	"wxdispatch/internal/fault"
)

const (
	// lookEvery is how often the demo asks for the messages that are under way.
	lookEvery = 100 * time.Millisecond
	// patience is how long it waits without one more message ending.
	patience = 20 * time.Second
)

// await returns when every message has ended, telling the tracker how many
// have. Messages that are not enqueued yet are looked for again.
func await(ctx context.Context, client *wxdispatch.Client, parts []part, t *tracker) error {
	open := parts
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	last := time.Now()
	for {
		var still []part
		for _, p := range open {
			ended, err := final(ctx, client, p)
			if err != nil {
				return err
			}
			if !ended {
				still = append(still, p)
			}
		}
		if len(still) < len(open) {
			open, last = still, time.Now()
			t.ended(len(parts) - len(open))
		}
		if len(open) == 0 {
			return nil
		}
		if time.Since(last) > patience {
			return fmt.Errorf("%w: %d messages have not ended, and none did for %v; the first is %s", ErrUnexpected, len(open), patience, open[0].message.ID)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

func final(ctx context.Context, client *wxdispatch.Client, p part) (bool, error) {
	rec, err := client.Status(ctx, p.message.Account, p.message.ID)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil && rec.State.Final() && !awaits(rec), err
}
