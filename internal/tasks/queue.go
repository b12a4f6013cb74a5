// Package tasks is the boundary to asynq: how a message is written into a
// queue, read from it, and what the queue is told afterwards.
//
// Its promise: one message is one task (queue ACCOUNT.KIND or
// ACCOUNT.KIND.BATCH, task id = the message's id), whatever is enqueued twice; asynq never decides how often a
// message is tried, because MaxRetry is out of reach and a postponement is no
// failure. It leaves to others what became of a message (internal/ledger) and
// the servers that run the handlers (internal/lane).
package tasks

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

const (
	// neverDecides is a MaxRetry that no message reaches: attempts are counted
	// in the ledger, and asynq archives a mere postponement once its own count
	// is used up.
	neverDecides = math.MaxInt32
	// generous is a task's Timeout. asynq throws a handler's result away after
	// it, so it must outlast every wait inside a handler.
	generous = 24 * time.Hour
)

// Queue puts messages into asynq's queues. It is safe for concurrent use; the
// connection belongs to the caller.
type Queue struct {
	redis     redis.UniversalClient
	client    *asynq.Client
	inspector *asynq.Inspector
	durably   Replicated
	scripts   *sync.Map // the SHA-1s of asynq's scripts that Redis knows
}

// Option changes what NewQueue makes.
type Option func(*Queue)

// Replicated carries out a write to a key's node and comes back only once
// enough replicas have it; class Unavailable if not.
type Replicated func(ctx context.Context, key string, write func(redis.UniversalClient) error) error

// Durably makes Put answer only once what it wrote is as safe as replicated
// says; nil: at once.
func Durably(replicated Replicated) Option { return func(q *Queue) { q.durably = replicated } }

// NewQueue returns the queues in the given Redis.
func NewQueue(client redis.UniversalClient, options ...Option) *Queue {
	q := &Queue{redis: client, client: asynq.NewClientFromRedisClient(client), inspector: asynq.NewInspectorFromRedisClient(client), scripts: &sync.Map{}}
	for _, set := range options {
		set(q)
	}
	return q
}

// Put enqueues a message, for its send_at when it has one. It answers true
// when exactly this message waits already. Errors: class Conflict (the id
// waits with other content), class Unavailable (it may or may not have been
// enqueued: put it again).
func (q *Queue) Put(ctx context.Context, m *message.Message, created time.Time) (duplicate bool, err error) {
	if q.durably == nil {
		return q.put(ctx, q.client, m, created)
	}
	err = q.durably(ctx, taskKey(keys.Queue(m.Lane()), m.ID), func(client redis.UniversalClient) (err error) {
		duplicate, err = q.put(ctx, asynq.NewClientFromRedisClient(client), m, created)
		return err
	})
	return duplicate, err
}

func (q *Queue) put(ctx context.Context, client *asynq.Client, m *message.Message, created time.Time) (duplicate bool, err error) {
	data, err := Encode(message.Job{Message: m, Created: created})
	if err != nil {
		return false, err
	}
	task, options := asTask(m, created, data)
	// A task of the same id may end between the conflict and the look at it,
	// so a conflict that is gone is tried again.
	for range 3 {
		_, err = client.EnqueueContext(ctx, task, options...)
		if err == nil {
			return false, nil
		}
		if !errors.Is(err, asynq.ErrTaskIDConflict) {
			return false, unavailable("tasks.put", err)
		}
		waits, err := q.same(ctx, m)
		if err != nil || waits {
			return waits, err
		}
	}
	return false, comesAndGoes()
}

// asTask is the task that carries a message's payload.
func asTask(m *message.Message, created time.Time, data []byte) (*asynq.Task, []asynq.Option) {
	options := make([]asynq.Option, 0, 5)
	options = append(options, asynq.Queue(keys.Queue(m.Lane())), asynq.TaskID(m.ID),
		asynq.MaxRetry(neverDecides), asynq.Timeout(generous))
	if m.SendAt.After(created) {
		options = append(options, asynq.ProcessAt(m.SendAt))
	}
	return asynq.NewTaskWithHeaders(keys.TaskType(m.Kind), data, headers(m)), options
}

func comesAndGoes() error {
	return &fault.Error{Op: "tasks.put", Class: fault.Unavailable, Message: "a task of this id comes and goes; send the message again", RetryAfter: time.Second}
}

func otherContent(id, queue string) error {
	return &fault.Error{Op: "tasks.put", Class: fault.Conflict,
		Message: fmt.Sprintf("the id %s waits in queue %s with other content; use another id, or cancel that message first", id, queue)}
}

// same tells whether the task that holds m's id is m itself and will still
// run. A task that will not (archived, completed) is taken off the queue: it
// would keep the id for 90 days.
func (q *Queue) same(ctx context.Context, m *message.Message) (bool, error) {
	info, err := q.find("tasks.put", m.Lane(), m.ID)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	switch info.State {
	case asynq.TaskStateArchived, asynq.TaskStateCompleted:
		return false, q.Forget(ctx, m.Lane(), m.ID)
	}
	held, err := Decode(info.Payload)
	if err != nil || held.Message.Digest != m.Digest {
		return false, otherContent(m.ID, info.Queue)
	}
	return true, nil
}

// Waiting tells what the queue of a lane holds under an id that asynq has
// not archived. Class NotFound when there is none.
func (q *Queue) Waiting(_ context.Context, lane message.Lane, id string) (message.Job, error) {
	info, err := q.find("tasks.waiting", lane, id)
	if err != nil {
		return message.Job{}, err
	}
	if info.State == asynq.TaskStateArchived || info.State == asynq.TaskStateCompleted {
		return message.Job{}, &fault.Error{Op: "tasks.waiting", Class: fault.NotFound, Message: fmt.Sprintf("task %s of queue %s is %s", id, info.Queue, info.State)}
	}
	return jobOf(info)
}

// Held returns the message that a task of this id carries, whatever its state.
// Class NotFound when there is none.
func (q *Queue) Held(_ context.Context, lane message.Lane, id string) (message.Job, error) {
	info, err := q.find("tasks.held", lane, id)
	if err != nil {
		return message.Job{}, err
	}
	return jobOf(info)
}

// find looks a task up, whatever its state. Class NotFound when there is none.
func (q *Queue) find(op string, lane message.Lane, id string) (*asynq.TaskInfo, error) {
	queue := keys.Queue(lane)
	info, err := q.inspector.GetTaskInfo(queue, id)
	switch {
	case errors.Is(err, asynq.ErrTaskNotFound), errors.Is(err, asynq.ErrQueueNotFound):
		return nil, &fault.Error{Op: op, Class: fault.NotFound, Message: fmt.Sprintf("queue %s has no task %s", queue, id)}
	case err != nil:
		return nil, unavailable(op, err)
	}
	return info, nil
}

func unavailable(op string, err error) error {
	return &fault.Error{Op: op, Class: fault.Unavailable, Message: "Redis did not answer", Err: err}
}
