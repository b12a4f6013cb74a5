// Package lane drains one kind of one account, or one of its batches: asynq
// servers on the queue ACCOUNT.KIND or ACCOUNT.KIND.BATCH, whose handler hands
// each message to the dispatcher.
//
// Its promise: a lane starts and stops by itself, so that one account's
// trouble is nobody else's; it takes from the queue only what the pace lets
// through soon (Gate), so that what waits keeps its order, and while it is parked
// nothing of it asks Redis for anything; whatever a payload holds, its handler
// answers with a verdict and never takes a worker down; when it stops, no call is
// started and what runs is brought to its end. What becomes of a message is decided in
// internal/dispatch; how fast, by the account's pace.
package lane

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/hibiken/asynq"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

const (
	// pollInterval is how often an idle lane asks Redis: it bounds the time
	// from enqueue to send on an idle queue.
	pollInterval = 35 * time.Millisecond
	// delayedInterval is how often scheduled and put-off tasks are looked at: a
	// lane that was unparked may hold nothing else, and goes on within a second.
	delayedInterval = 300 * time.Millisecond
	// healthInterval is how often a lane pings Redis for its own state.
	healthInterval = 5 * time.Second
)

// Dispatcher brings one message on its way.
type Dispatcher interface {
	// Handle blocks until there is a verdict. When ctx ends it starts no
	// further call and returns soon.
	Handle(ctx context.Context, job message.Job) message.Verdict
}

// Options say which lane and what it stands on.
type Options struct {
	Lane            message.Lane
	Concurrency     int           // calls at once, which the pace holds; each has handlersPerCall handlers
	Poll            time.Duration // how often an idle lane asks Redis; 0: as fast as single messages want it
	ShutdownTimeout time.Duration // how long Stop waits for handlers before asynq takes their tasks back
	Gate            *Gate         // its account's, of single messages or of batches
	// NewServer makes an asynq server on the worker's Redis, behind the wrappers
	// that ask at the entrance before it takes a task, and that repair its writes
	// on a cancelled context.
	NewServer  func(Entrance, asynq.Config) Server
	Dispatcher Dispatcher
	Log        *slog.Logger
}

// Lane is a lane that runs, is parked, or has stopped.
type Lane struct {
	o   Options
	log *slog.Logger

	mu    sync.Mutex
	turn  *turn // the servers of the moment; nil: parked, not started or stopped
	state state
	turns sync.WaitGroup // those that were parked and still end
}

// state is what a lane was told last.
type state int

const (
	idle state = iota // not started
	running
	parked
	stopped
)

// New returns a lane that does not run yet.
func New(o Options) *Lane {
	if o.Poll <= 0 {
		o.Poll = pollInterval
	}
	log := o.Log.With(slog.String("account", o.Lane.Account), slog.String("kind", string(o.Lane.Kind)))
	if o.Lane.Batch != "" {
		log = log.With(slog.String("batch", o.Lane.Batch))
	}
	return &Lane{o: o, log: log}
}

// Queue is the asynq queue that the lane drains.
func (l *Lane) Queue() string { return keys.Queue(l.o.Lane) }

// Start begins to drain, also after Park. It does not block, and does nothing
// where the lane runs or has stopped.
func (l *Lane) Start() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.turn != nil || l.state == stopped {
		return nil
	}
	t, err := l.newTurn()
	if err != nil {
		return err
	}
	l.turn, l.state = t, running
	return nil
}

// Park takes nothing new from the queue, starts no further call and has nothing
// of the lane ask Redis, until Start. It does not wait for what runs.
func (l *Lane) Park() { l.end(parked) }

// Drain takes nothing new from the queue and starts no further call, for good.
// It does not wait.
func (l *Lane) Drain() { l.end(stopped) }

func (l *Lane) end(s state) {
	t := l.take(s)
	if t == nil {
		return
	}
	t.drain()
	go func() {
		defer l.turns.Done()
		t.stop()
	}()
}

// take parts the lane from its server, which Stop waits for from now on.
func (l *Lane) take(s state) *turn {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state != stopped {
		l.state = s
	}
	t := l.turn
	if t != nil {
		l.turn = nil
		l.turns.Add(1)
	}
	return t
}

// Stop drains and waits for what runs, at most ShutdownTimeout by asynq's
// count; what then still writes to the ledger is waited for as well.
func (l *Lane) Stop() {
	l.Drain()
	l.turns.Wait()
}

// Healthy is nil while the lane is parked, or runs and Redis answers it.
func (l *Lane) Healthy() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.turn != nil:
		return l.turn.health.get()
	case l.state == parked:
		return nil
	}
	return notRunning()
}

// Parked tells whether the lane stands still until Start.
func (l *Lane) Parked() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state == parked
}

// Kind is the kind that the lane sends.
func (l *Lane) Kind() message.Kind { return l.o.Lane.Kind }
