package lane

import (
	"context"
	"log/slog"
	"sync"

	"github.com/hibiken/asynq"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
	"wxdispatch/internal/tasks"
)

// handlersPerCall is how many handlers a lane has for each call that may be under
// way: the others are before their call, or write down what became of it.
const handlersPerCall = 3

// Server is one of asynq's (*asynq.Server).
type Server interface {
	Start(asynq.Handler) error
	// Stop takes nothing new.
	Stop()
	// Shutdown waits for the handlers, and ends the server.
	Shutdown()
}

// turn is a lane's asynq server from its start to its end: one that was shut
// down cannot be started again, so a lane that goes on takes a new one.
type turn struct {
	lane     *Lane
	server   Server
	draining context.Context
	cancel   context.CancelFunc
	handlers sync.WaitGroup
	crew     *crew
	health   health
}

func (l *Lane) newTurn() (*turn, error) {
	t := &turn{lane: l, crew: newCrew()}
	t.draining, t.cancel = context.WithCancel(context.Background())
	t.server = l.o.NewServer(door{l.o.Gate, t.draining}, asynq.Config{
		Concurrency:              handlersPerCall * l.o.Concurrency,
		Queues:                   map[string]int{l.Queue(): 1},
		TaskCheckInterval:        l.o.Poll,
		DelayedTaskCheckInterval: delayedInterval,
		RetryDelayFunc:           tasks.Delay,
		IsFailure:                tasks.IsFailure,
		ShutdownTimeout:          l.o.ShutdownTimeout,
		HealthCheckFunc:          t.health.set,
		HealthCheckInterval:      healthInterval,
		Logger:                   logger{l.log},
		LogLevel:                 asynq.WarnLevel,
	})
	if err := t.server.Start(asynq.HandlerFunc(t.handle)); err != nil {
		t.cancel()
		return nil, &fault.Error{Op: "lane.start", Class: fault.Unavailable, Message: "lane " + l.Queue() + " did not start", Err: err}
	}
	t.health.set(nil)
	return t, nil
}

// door is the server's way through the gate, until its turn is over.
type door struct {
	*Gate
	draining context.Context
}

// Enter takes a place for one task; false: not now.
func (d door) Enter() bool { return d.draining.Err() == nil && d.Gate.Enter() }

// drain takes nothing new and starts no further call.
func (t *turn) drain() {
	t.cancel()
	t.server.Stop()
}

// stop waits for what runs.
func (t *turn) stop() {
	t.server.Shutdown()
	t.handlers.Wait()
	t.crew.dismiss()
}

// handle is the asynq handler.
func (t *turn) handle(ctx context.Context, task *asynq.Task) (err error) {
	t.handlers.Add(1)
	defer t.handlers.Done()
	t.crew.do(func() { err = t.bring(ctx, task) })
	return err
}

// bring is a task's way: decode, dispatch, verdict.
func (t *turn) bring(ctx context.Context, task *asynq.Task) error {
	l := t.lane
	ctx, place := l.o.Gate.arrive(ctx)
	defer place.hold(false)
	job, err := tasks.Read(task)
	if err != nil {
		return l.undecodable(ctx, err)
	}
	if job.Message.Lane() != l.o.Lane {
		return l.undecodable(ctx, &fault.Error{Op: "lane.handle", Class: fault.Invalid,
			Message: "the message is for " + keys.Queue(job.Message.Lane()) + ", this queue is " + l.Queue()})
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(t.draining, cancel)()
	return tasks.Result(l.o.Dispatcher.Handle(ctx, job))
}

// undecodable archives what cannot be a message, with the reason, where
// operators see it.
func (l *Lane) undecodable(ctx context.Context, err error) error {
	id, _ := asynq.GetTaskID(ctx)
	l.log.Error("a task that is no message of this lane was archived", slog.String("task", id), slog.Any("error", err))
	return tasks.Result(message.Verdict{Next: message.Stop, State: message.Refused, Reason: err.Error()})
}
