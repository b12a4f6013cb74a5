// Package lane drains one kind of one account: an asynq server on the queue
// ACCOUNT.KIND, whose handler hands each message to the dispatcher.
//
// Its promise: a lane starts and stops by itself, so that one account's
// trouble is nobody else's; it takes from the queue only what the pace lets
// through soon (Gate), so that what waits keeps its order; whatever a payload holds, its handler answers with
// a verdict and never takes a worker down; when it stops, no call is started
// and what runs is brought to its end. What becomes of a message is decided in
// internal/dispatch; how fast, by the account's pace.
package lane

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/hibiken/asynq"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
	"wxdispatch/internal/tasks"
)

const (
	// pollInterval is how often an idle lane asks Redis: it bounds the time
	// from enqueue to send on an idle queue.
	pollInterval = 35 * time.Millisecond
	// delayedInterval is how often scheduled and put-off tasks are looked at.
	delayedInterval = time.Second
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
	Account         string
	Kind            message.Kind
	Concurrency     int           // handlers at once
	ShutdownTimeout time.Duration // how long Stop waits for handlers before asynq takes their tasks back
	// Gate is the account's; NewServer's client asks it before it takes a task.
	Gate *Gate
	// NewServer makes asynq's server on the worker's Redis, behind the wrappers
	// that ask the gate and repair its writes on a cancelled context.
	NewServer  func(asynq.Config) *asynq.Server
	Dispatcher Dispatcher
	Log        *slog.Logger
}

// Lane is a running or stopped lane.
type Lane struct {
	o        Options
	log      *slog.Logger
	server   *asynq.Server
	draining context.Context
	drain    context.CancelFunc
	handlers sync.WaitGroup
	health   health
}

// New returns a lane that does not run yet.
func New(o Options) *Lane {
	l := &Lane{o: o, log: o.Log.With(slog.String("account", o.Account), slog.String("kind", string(o.Kind)))}
	l.draining, l.drain = context.WithCancel(context.Background())
	l.server = o.NewServer(asynq.Config{
		Concurrency:              o.Concurrency,
		Queues:                   map[string]int{l.Queue(): 1},
		TaskCheckInterval:        pollInterval,
		DelayedTaskCheckInterval: delayedInterval,
		RetryDelayFunc:           tasks.Delay,
		IsFailure:                tasks.IsFailure,
		ShutdownTimeout:          o.ShutdownTimeout,
		HealthCheckFunc:          l.health.set,
		HealthCheckInterval:      healthInterval,
		Logger:                   logger{l.log},
		LogLevel:                 asynq.WarnLevel,
	})
	return l
}

// Queue is the asynq queue that the lane drains.
func (l *Lane) Queue() string { return keys.Queue(l.o.Account, l.o.Kind) }

// Start begins to drain. It does not block.
func (l *Lane) Start() error {
	if err := l.server.Start(asynq.HandlerFunc(l.handle)); err != nil {
		return &fault.Error{Op: "lane.start", Class: fault.Unavailable, Message: "lane " + l.Queue() + " did not start", Err: err}
	}
	l.health.set(nil)
	return nil
}

// Drain takes nothing new from the queue and starts no further call. It does
// not wait.
func (l *Lane) Drain() {
	l.drain()
	l.server.Stop()
}

// Stop drains and waits for what runs, at most ShutdownTimeout by asynq's
// count; what then still writes to the ledger is waited for as well.
func (l *Lane) Stop() {
	l.Drain()
	l.server.Shutdown()
	l.handlers.Wait()
}

// Healthy is nil while the lane runs and Redis answers it.
func (l *Lane) Healthy() error { return l.health.get() }

// handle is the asynq handler: decode, dispatch, verdict.
func (l *Lane) handle(ctx context.Context, task *asynq.Task) error {
	l.handlers.Add(1)
	defer l.handlers.Done()
	ctx, place := l.o.Gate.arrive(ctx)
	defer place.hold(false)
	job, err := tasks.Decode(task.Payload())
	if err != nil {
		return l.undecodable(ctx, err)
	}
	if job.Message.Account != l.o.Account || job.Message.Kind != l.o.Kind {
		return l.undecodable(ctx, &fault.Error{Op: "lane.handle", Class: fault.Invalid,
			Message: "the message is for " + keys.Queue(job.Message.Account, job.Message.Kind) + ", this queue is " + l.Queue()})
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(l.draining, cancel)()
	return tasks.Result(l.o.Dispatcher.Handle(ctx, job))
}

// undecodable archives what cannot be a message, with the reason, where
// operators see it.
func (l *Lane) undecodable(ctx context.Context, err error) error {
	id, _ := asynq.GetTaskID(ctx)
	l.log.Error("a task that is no message of this lane was archived", slog.String("task", id), slog.Any("error", err))
	return tasks.Result(message.Verdict{Next: message.Stop, State: message.Refused, Reason: err.Error()})
}

// Kind is the kind that the lane sends.
func (l *Lane) Kind() message.Kind { return l.o.Kind }
