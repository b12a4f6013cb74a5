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

// servers is how many asynq servers a lane has: each asks Redis for one task a
// trip, so a second one brings more than a higher concurrency. All but the first
// ask an idle queue rarely, and a slow account's never (wideFrom).
const servers = 3

const (
	// restPoll is how often the others ask an idle queue; a server that is told to
	// stop may sleep for so long first.
	restPoll = 200 * time.Millisecond
	// never is for what the first server does for all.
	never = time.Hour
)

// turn is a lane's asynq servers from their start to their end: a server that
// was shut down cannot be started again, so a lane that goes on takes new ones.
type turn struct {
	lane     *Lane
	servers  []*asynq.Server
	draining context.Context
	cancel   context.CancelFunc
	stops    sync.WaitGroup // of servers that are told to take nothing new
	handlers sync.WaitGroup
	health   health
}

func (l *Lane) newTurn() (*turn, error) {
	t := &turn{lane: l}
	t.draining, t.cancel = context.WithCancel(context.Background())
	for n := range servers {
		if err := t.start(n); err != nil {
			t.drain()
			t.stop()
			return nil, &fault.Error{Op: "lane.start", Class: fault.Unavailable, Message: "lane " + l.Queue() + " did not start", Err: err}
		}
	}
	t.health.set(nil)
	return t, nil
}

// start starts the n-th server.
func (t *turn) start(n int) error {
	l, door := t.lane, door{t.lane.o.Gate, t.draining, 0}
	c := asynq.Config{
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
	}
	if n > 0 {
		door.least = wideFrom
		c.TaskCheckInterval, c.DelayedTaskCheckInterval = restPoll, never
		c.HealthCheckFunc = nil
	}
	server := l.o.NewServer(door, c)
	if err := server.Start(asynq.HandlerFunc(t.handle)); err != nil {
		return err
	}
	t.servers = append(t.servers, server)
	return nil
}

// door is a server's way through the gate, until its turn is over.
type door struct {
	*Gate
	draining context.Context
	least    int // so many places must there be
}

// Enter takes a place for one task; false: not now.
func (d door) Enter() bool {
	return d.draining.Err() == nil && d.places() >= d.least && d.Gate.Enter()
}

// drain takes nothing new and starts no further call. Of the servers it waits for
// the first alone, which sleeps but shortly beside an empty queue.
func (t *turn) drain() {
	t.cancel()
	for n, server := range t.servers {
		if n > 0 {
			t.stops.Go(server.Stop)
		}
	}
	if len(t.servers) > 0 {
		t.servers[0].Stop()
	}
}

// stop waits for what runs.
func (t *turn) stop() {
	t.stops.Wait()
	var all sync.WaitGroup
	for _, server := range t.servers {
		all.Go(server.Shutdown)
	}
	all.Wait()
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
