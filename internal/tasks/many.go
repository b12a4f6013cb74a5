package tasks

import (
	"context"
	"errors"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// Enqueued is what became of one of many messages.
type Enqueued struct {
	Duplicate bool  // exactly this message waits already
	Err       error // as Put's
}

// EnqueueMany is Put of many messages, in their order: one trip for all of them,
// with Durably one for each queue, and two more for those whose id waits
// already. No two may have the same id.
func (q *Queue) EnqueueMany(ctx context.Context, jobs []message.Job) []Enqueued {
	done, left := make([]Enqueued, len(jobs)), make([]int, len(jobs))
	for i := range left {
		left[i] = i
	}
	// A task of the same id may end between the conflict and the look at it,
	// so a conflict that is gone is tried again.
	for range 3 {
		if left = q.compare(ctx, jobs, done, q.push(ctx, jobs, done, left)); len(left) == 0 {
			return done
		}
	}
	for _, i := range left {
		done[i].Err = comesAndGoes()
	}
	return done
}

// push enqueues those of places and returns those whose id waits already.
func (q *Queue) push(ctx context.Context, jobs []message.Job, done []Enqueued, places []int) (taken []int) {
	if q.durably == nil {
		return q.pushTo(ctx, q.redis, jobs, done, places)
	}
	queues, order := map[string][]int{}, []string(nil)
	for _, i := range places {
		name := keys.Queue(jobs[i].Message.Lane())
		if queues[name] == nil {
			order = append(order, name)
		}
		queues[name] = append(queues[name], i)
	}
	for _, name := range order {
		var known []int
		err := q.durably(ctx, taskKey(name, ""), func(client redis.UniversalClient) error {
			known = q.pushTo(ctx, client, jobs, done, queues[name])
			return nil
		})
		if err != nil {
			failed(done, queues[name], err)
			continue
		}
		taken = append(taken, known...)
	}
	return taken
}

// pushTo enqueues over one client, again where Redis did not know the scripts.
func (q *Queue) pushTo(ctx context.Context, client redis.UniversalClient, jobs []message.Job, done []Enqueued, places []int) []int {
	taken, unknown := q.try(ctx, client, jobs, done, places)
	if len(unknown) > 0 {
		q.scripts.Clear()
		var again []int
		again, unknown = q.try(ctx, client, jobs, done, unknown)
		taken = append(taken, again...)
		failed(done, unknown, unavailable("tasks.put", errors.New("NOSCRIPT again, after the script was loaded")))
	}
	return taken
}

// try enqueues once. It returns the places whose id waits already, and those
// that need a script which Redis does not know.
func (q *Queue) try(ctx context.Context, client redis.UniversalClient, jobs []message.Job, done []Enqueued, places []int) (taken, unknown []int) {
	c := &capture{UniversalClient: client, pipe: client.Pipeline(), scripts: q.scripts, cmds: make([]*redis.Cmd, 0, len(places))}
	if c.names = c.pipe; q.durably != nil {
		c.names = client // the pipeline is the node's of the queue
	}
	into, put := asynq.NewClientFromRedisClient(c), make([]int, 0, len(places))
	for _, i := range places {
		if err := offer(ctx, into, jobs[i]); err != nil {
			done[i].Err = err
		} else {
			put = append(put, i)
		}
	}
	if len(put) == 0 {
		return nil, nil
	}
	_, _ = c.pipe.Exec(ctx) // each reply has its own error
	for _, name := range c.named {
		if err := name.Err(); err != nil {
			failed(done, put, unavailable("tasks.put", err))
			return nil, nil
		}
	}
	for n, i := range put {
		switch fresh, err := c.cmds[n].Int(); {
		case redis.HasErrorPrefix(err, "NOSCRIPT"):
			unknown = append(unknown, i)
		case err != nil:
			done[i].Err = unavailable("tasks.put", err)
		case fresh == 0:
			taken = append(taken, i)
		}
	}
	return taken, unknown
}

// offer hands one message to an asynq client.
func offer(ctx context.Context, into *asynq.Client, job message.Job) error {
	data, err := Encode(job)
	if err != nil {
		return err
	}
	task, options := asTask(job.Message, job.Created, data)
	if _, err := into.EnqueueContext(ctx, task, options...); err != nil {
		return unavailable("tasks.put", err)
	}
	return nil
}

func failed(done []Enqueued, places []int, err error) {
	for _, i := range places {
		if done[i].Err == nil {
			done[i] = Enqueued{Err: err}
		}
	}
}

// compare looks at the tasks that hold the ids of places: the message itself,
// or another. It returns the places whose id is free now.
func (q *Queue) compare(ctx context.Context, jobs []message.Job, done []Enqueued, places []int) (free []int) {
	if len(places) == 0 {
		return nil
	}
	pipe := q.redis.Pipeline()
	looks := make([]*redis.SliceCmd, len(places))
	for n, i := range places {
		m := jobs[i].Message
		looks[n] = pipe.HMGet(ctx, taskKey(keys.Queue(m.Lane()), m.ID), "msg", "state")
	}
	_, _ = pipe.Exec(ctx) // each reply has its own error
	for n, i := range places {
		held, err := looks[n].Result()
		if err != nil {
			done[i].Err = unavailable("tasks.put", err)
			continue
		}
		waits, err := q.holds(ctx, held, jobs[i].Message)
		switch {
		case err != nil:
			done[i].Err = err
		case waits:
			done[i].Duplicate = true
		default:
			free = append(free, i)
		}
	}
	return free
}

// holds is same, of a task whose msg and state were read.
func (q *Queue) holds(ctx context.Context, held []any, m *message.Message) (bool, error) {
	text, there := held[0].(string)
	if !there {
		return false, nil
	}
	if state, _ := held[1].(string); state == "archived" || state == "completed" {
		return false, q.Forget(ctx, m.Lane(), m.ID)
	}
	if payload, ok := payloadOf(text); !ok || digestOf(payload) != m.Digest {
		return false, otherContent(m.ID, keys.Queue(m.Lane()))
	}
	return true, nil
}
