package tasks

import (
	"context"
	"errors"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"google.golang.org/protobuf/encoding/protowire"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// What asynq v0.26 keeps of a task, where its own inspector cannot help: it
// looks at one task a trip, and deletes whatever state a task is in by then. A
// test holds this against asynq.

// taskKey is the hash of a task: msg, state and more.
func taskKey(queue, id string) string { return "asynq:{" + queue + "}:t:" + id }

// payloadOf takes the payload out of a task's msg, a protobuf message whose field
// 2 it is.
func payloadOf(msg string) ([]byte, bool) {
	for data := []byte(msg); len(data) > 0; {
		field, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return nil, false
		}
		data = data[n:]
		if field == 2 && kind == protowire.BytesType {
			payload, n := protowire.ConsumeBytes(data)
			return payload, n >= 0
		}
		if n = protowire.ConsumeFieldValue(field, kind, data); n < 0 {
			return nil, false
		}
		data = data[n:]
	}
	return nil, false
}

// setKey is the sorted set of the ids in a state other than pending and active.
func setKey(queue, state string) string { return "asynq:{" + queue + "}:" + state }

// forgetScript takes a task off the queue that will not run any more.
//
// KEYS 1 the task  2 archived  3 completed
// ARGV 1 id
// Answer 1 when it is gone now.
// Invariant: a task that may still run is left alone, whoever put it.
var forgetScript = redis.NewScript(`
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'archived' and state ~= 'completed' then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
return redis.call('DEL', KEYS[1])
`)

// Forget takes a task that will not run any more (archived, completed) off its
// queue: it would keep the id for 90 days. Others are left alone.
func (q *Queue) Forget(ctx context.Context, lane message.Lane, id string) error {
	queue := keys.Queue(lane)
	set := []string{taskKey(queue, id), setKey(queue, "archived"), setKey(queue, "completed")}
	if err := forgetScript.Run(ctx, q.redis, set, id).Err(); err != nil {
		return unavailable("tasks.forget", err)
	}
	return nil
}

// Presence is whether a queue holds a task.
type Presence string

// The presences.
const (
	Absent   Presence = "absent"   // there is no such task
	Archived Presence = "archived" // it will not run unless someone runs it
	Live     Presence = "live"     // it will run, or runs
)

// Presences tells for many ids of a lane at once whether their tasks are
// there; one trip.
func (q *Queue) Presences(ctx context.Context, lane message.Lane, ids []string) ([]Presence, error) {
	queue, pipe := keys.Queue(lane), q.redis.Pipeline()
	states := make([]*redis.StringCmd, len(ids))
	for i, id := range ids {
		states[i] = pipe.HGet(ctx, taskKey(queue, id), "state")
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return nil, unavailable("tasks.presences", err)
	}
	found := make([]Presence, len(ids))
	for i, state := range states {
		switch {
		case errors.Is(state.Err(), redis.Nil):
			found[i] = Absent
		case state.Val() == "archived", state.Val() == "completed":
			found[i] = Archived
		default:
			found[i] = Live
		}
	}
	return found, nil
}

// Revive puts an archived task back to where it runs. It answers false when it
// is not archived, or gone.
func (q *Queue) Revive(_ context.Context, lane message.Lane, id string) (bool, error) {
	err := q.inspector.RunTask(keys.Queue(lane), id)
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, asynq.ErrTaskNotFound), errors.Is(err, asynq.ErrQueueNotFound):
		return false, nil
	}
	return false, unavailable("tasks.revive", err)
}
