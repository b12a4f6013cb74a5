// Package sweep looks after what a queue forgets: once a second it brings on
// what dead runs left, and once a minute it tidies an account's book.
//
// Its promise: a killed worker's messages are dealt with within seconds of
// their time, whatever stands in the queue before them; no message stays under
// way whose task is gone, and none waits for a task that will not run; a doubt
// is ended as the account's rule says. Any number of workers may sweep one
// account: the ledger decides who brings a message on, and one at a time
// tidies. How a message is sent is for internal/dispatch.
package sweep

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"wxdispatch/internal/message"
)

const (
	rescueEvery = time.Second
	tidyEvery   = time.Minute
	// looksApart is the least time between the two looks that find a task
	// gone. Looks are tidyEvery apart; the ticker may be a little early.
	looksApart = tidyEvery - 5*time.Second
)

// Options say which account is swept, and with what.
type Options struct {
	Account string
	Book    Book
	Tidier  Tidier
	Queue   Queue
	Lanes   Lanes
	Requeue Requeue
	Keep    time.Duration // of records, from their end
	// Doubts older than After are resolved as Then says; 0: they wait for a
	// person.
	After time.Duration
	Then  Then
	Now   func() time.Time // the clock between two looks; nil: time.Now
	Log   *slog.Logger
}

// Then is what happens to a doubt that nobody ended in time.
type Then string

// The two ways.
const (
	Drop   Then = "drop"
	Resend Then = "resend"
)

// Sweeper sweeps one account from Start to Stop.
type Sweeper struct {
	o       Options
	log     *slog.Logger
	missing map[string]time.Time // Tidy's: ids whose task was not there, since when
	gone    map[string]time.Time // Rescue's: the same of dead runs
	away    time.Time            // Rescue's: when Redis last did not answer, or late
	stop    context.CancelFunc
	done    sync.WaitGroup
}

// New makes a sweeper. It starts nothing.
func New(o Options) *Sweeper {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Sweeper{o: o, log: o.Log.With(slog.String("account", o.Account)), missing: map[string]time.Time{}}
}

// Start begins to sweep. It does not block.
func (s *Sweeper) Start() {
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	s.done.Go(func() { s.every(ctx, rescueEvery, s.Rescue) })
	s.done.Go(func() { s.every(ctx, tidyEvery, s.Tidy) })
}

// Stop starts nothing new and waits for what is being brought on.
func (s *Sweeper) Stop() {
	if s.stop != nil {
		s.stop()
	}
	s.done.Wait()
}

// every does a piece of work again and again. What fails is tried again next
// time: Redis may be away.
func (s *Sweeper) every(ctx context.Context, d time.Duration, work func(context.Context) error) {
	ticker := time.NewTicker(d)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := work(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("a sweep was cut short", slog.Any("error", err))
		}
	}
}

// Lanes hands a message to the dispatcher of its kind.
type Lanes interface {
	// Handle blocks until there is a verdict; when ctx ends it starts no
	// further call.
	Handle(ctx context.Context, job message.Job) message.Verdict
}
