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

// turn is one asynq server from its start to its end: a server that was shut
// down cannot be started again, so a lane that goes on takes a new one.
type turn struct {
	lane     *Lane
	server   *asynq.Server
	draining context.Context
	cancel   context.CancelFunc
	handlers sync.WaitGroup
	health   health
}

func (l *Lane) newTurn() (*turn, error) {
	t := &turn{lane: l}
	t.draining, t.cancel = context.WithCancel(context.Background())
	t.server = l.o.NewServer(asynq.Config{
		Concurrency:              l.o.Concurrency,
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

// drain takes nothing new and starts no further call.
func (t *turn) drain() {
	t.cancel()
	t.server.Stop()
}

// stop waits for what runs.
func (t *turn) stop() {
	t.server.Shutdown()
	t.handlers.Wait()
}

// handle is the asynq handler: decode, dispatch, verdict.
func (t *turn) handle(ctx context.Context, task *asynq.Task) error {
	t.handlers.Add(1)
	defer t.handlers.Done()
	l := t.lane
	ctx, place := l.o.Gate.arrive(ctx)
	defer place.hold(false)
	job, err := tasks.Decode(task.Payload())
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
