// Package pace decides when an account may call a send endpoint.
//
// Its promise: over any w seconds all workers of an account together start at
// most rate × (w + 0.1 s) + burst calls, however many there are, come, go, are
// killed or stand still; no slot without Redis; and never more calls at once in
// a worker than the account's concurrency. Slots are leased from Redis in
// blocks (lua/lease.lua), so that most calls cost no trip. When WeChat pushes
// back, the rate in force falls for all workers, and slowly recovers.
//
// What a call's answer means is told to it, not guessed; and who waits for a
// slot decides nothing here but the door: singles go before batches.
package pace

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
)

// Options say whose slots, and how many.
type Options struct {
	Account     string
	Batch       string  // set: the slots of that batch alone, beside its account's
	Rate        float64 // messages a second, of all workers and kinds together: 0.2 to 5000
	Burst       int     // calls at once after a pause, from 1
	Concurrency int     // calls at once in this worker, from 1
	Redis       redis.UniversalClient
	// Told follows each word of Redis's on the rates; it must not block. May
	// be nil.
	Told func(Rates)
	Log  *slog.Logger
}

// limits are what the configuration says.
type limits struct {
	rate        float64
	burst       int
	concurrency int
}

// Pacer hands out the slots of one account in this worker, from Start to Close.
// It is safe for concurrent use.
type Pacer struct {
	line   line
	over   func() // end, made once
	worker string
	told   func(Rates)
	log    *slog.Logger
	ctx    context.Context
	cancel context.CancelFunc
	trips  sync.WaitGroup

	mu      sync.Mutex
	limits  limits
	queue   queue
	blocks  []*block
	calls   int // under way
	demand  demand
	signs   signs
	clock   clock
	leasing bool
	asked   time.Time // the last trip's start
	retry   time.Time // no trip before
	reached bool      // the last trip was answered
	workers int       // of the account, as Redis last told
	rates   Rates
	wake    *time.Timer
	beat    *time.Timer
	closed  bool
}

// New returns a pacer. It starts nothing.
func New(o Options) *Pacer {
	return newPacer(o, redisLine{o.Redis, keyOf(o)})
}

func newPacer(o Options, l line) *Pacer {
	p := &Pacer{
		line: l, worker: rand.Text()[:10], told: o.Told, log: o.Log.With(slog.String("account", o.Account)),
		limits: limits{o.Rate, o.Burst, o.Concurrency}, workers: 1,
		rates: Rates{Configured: o.Rate, Now: o.Rate, Highest: o.Rate},
	}
	p.over = p.end
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p
}

// Slot waits until a call may start. It returns what ends the call, and until
// when it must have started. It fails only with ctx, or when the pacer closes,
// with class Unavailable; then no slot was taken.
func (p *Pacer) Slot(ctx context.Context, batch bool) (end func(), good time.Time, err error) {
	if ctx.Err() != nil {
		return nil, time.Time{}, noSlot(ctx.Err())
	}
	w := &waiter{batch: batch, slot: make(chan time.Time, 1)}
	if !p.join(w) {
		return nil, time.Time{}, noSlot(nil)
	}
	select {
	case good, ok := <-w.slot:
		return p.given(good, ok)
	case <-ctx.Done():
	}
	p.mu.Lock()
	waited := p.queue.remove(w)
	p.mu.Unlock()
	if waited {
		return nil, time.Time{}, noSlot(ctx.Err())
	}
	good, ok := <-w.slot // it was given in the same moment
	return p.given(good, ok)
}

func (p *Pacer) given(good time.Time, ok bool) (func(), time.Time, error) {
	if !ok {
		return nil, time.Time{}, noSlot(nil)
	}
	return p.over, good, nil
}

// join queues a call; false when the pacer is closed.
func (p *Pacer) join(w *waiter) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.queue.push(w)
	p.deal()
	return true
}

func (p *Pacer) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls--
	p.deal()
}

// Answered tells what the answer to a call was: busy, minute and unanswered
// slow all workers down when many of them come.
func (p *Pacer) Answered(class fault.Class) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.signs.add(class, time.Now())
}

// SetLimits changes what the configuration says. It holds for the next slot
// that is leased, a quarter of a second later at most.
func (p *Pacer) SetLimits(rate float64, burst, concurrency int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limits = limits{rate, burst, concurrency}
	p.asked = time.Time{} // all workers shall know
	p.deal()
	p.report()
}

func noSlot(err error) error {
	return &fault.Error{Op: "pace.slot", Class: fault.Unavailable, Message: "no slot in time", Err: err}
}
