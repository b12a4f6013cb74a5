package events

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	pumpEvery = 500 * time.Millisecond
	// mostTasks is how many posts of an account wait at most, failed ones
	// included: about 100 bytes each. Beyond it the stream keeps the rest.
	mostTasks = 1000
)

// Queue holds the posts that wait.
type Queue interface {
	// Waiting tells how many posts of an account wait, are under way, or will be
	// tried again.
	Waiting(ctx context.Context, account string) (int, error)
	// Put makes a post wait; the same range twice is one post.
	Put(ctx context.Context, r Range) error
}

// Claims takes turns.
type Claims interface {
	// Claim takes the right to a piece of the account's housekeeping for a time;
	// false: another has it.
	Claim(ctx context.Context, account, what string, d time.Duration) (bool, error)
}

// Pump hands one account's events to its queue, from Start to Stop. Any number
// of workers may pump one account.
type Pump struct {
	account string
	stream  *Stream
	queue   Queue
	claims  Claims
	log     *slog.Logger
	stop    context.CancelFunc
	done    sync.WaitGroup
}

// NewPump makes a pump. It starts nothing.
func NewPump(account string, stream *Stream, queue Queue, claims Claims, log *slog.Logger) *Pump {
	return &Pump{account: account, stream: stream, queue: queue, claims: claims, log: log.With(slog.String("account", account))}
}

// Start begins to pump. It does not block.
func (p *Pump) Start() {
	ctx, cancel := context.WithCancel(context.Background())
	p.stop = cancel
	p.done.Go(func() {
		ticker := time.NewTicker(pumpEvery)
		defer ticker.Stop()
		for {
			if err := p.Turn(ctx); err != nil && ctx.Err() == nil {
				p.log.Warn("events wait in the stream: they could not be handed on", slog.Any("error", err))
			}
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
		}
	})
}

// Stop ends it.
func (p *Pump) Stop() {
	if p.stop != nil {
		p.stop()
	}
	p.done.Wait()
}

// Turn hands on what stands in the stream, if it is this worker's turn, as far
// as the queue has room. A range is put before the place is moved: who is killed
// in between puts the same range again, or a longer one.
func (p *Pump) Turn(ctx context.Context) error {
	mine, err := p.claims.Claim(ctx, p.account, "events", pumpEvery/2)
	if err != nil || !mine {
		return err
	}
	waiting, err := p.queue.Waiting(ctx, p.account)
	if err != nil {
		return err
	}
	for ; waiting < mostTasks && ctx.Err() == nil; waiting++ {
		r, n, err := p.stream.next(ctx, p.account)
		if err != nil || n == 0 {
			return err
		}
		if err := p.queue.Put(ctx, r); err != nil {
			return err
		}
		if err := p.stream.passed(ctx, r); err != nil || n < Batch {
			return err
		}
	}
	return nil
}
