// Package pace decides when an account may call a send endpoint.
//
// Its promise: no HTTP call to a send endpoint without a slot, and never more
// calls of an account at once in a process than its concurrency. Slots come
// from one limiter an account, whatever the kind. What a refused call means
// for the pace is told to it, not guessed.
package pace

import (
	"context"

	"golang.org/x/time/rate"

	"wxdispatch/internal/fault"
)

// Pacer hands out the slots of one account in this process. It is safe for
// concurrent use and owns no goroutine.
type Pacer struct {
	limiter *rate.Limiter
	calls   chan struct{}
}

// New returns a pacer for so many messages a second, in bursts of at most
// burst, and at most concurrency calls at once.
func New(perSecond float64, burst, concurrency int) *Pacer {
	return &Pacer{
		limiter: rate.NewLimiter(rate.Limit(perSecond), burst),
		calls:   make(chan struct{}, concurrency),
	}
}

// Slot waits until a call may start and returns what ends it. It fails only
// with ctx, with class Unavailable; then no slot was taken.
func (p *Pacer) Slot(ctx context.Context) (release func(), err error) {
	select {
	case p.calls <- struct{}{}:
	case <-ctx.Done():
		return nil, stopped(ctx.Err())
	}
	if err := p.limiter.Wait(ctx); err != nil {
		<-p.calls
		return nil, stopped(err)
	}
	return func() { <-p.calls }, nil
}

func stopped(err error) error {
	return &fault.Error{Op: "pace.slot", Class: fault.Unavailable, Message: "no slot in time", Err: err}
}
