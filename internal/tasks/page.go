package tasks

import (
	"context"
	"errors"
	"slices"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// Where returns those of some lanes whose queues hold a task of this id; one
// trip.
func (q *Queue) Where(ctx context.Context, lanes []message.Lane, id string) ([]message.Lane, error) {
	if len(lanes) == 0 {
		return nil, nil
	}
	pipe, answers := q.redis.Pipeline(), make([]*redis.IntCmd, len(lanes))
	for i, lane := range lanes {
		answers[i] = pipe.Exists(ctx, taskKey(keys.Queue(lane), id))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, unavailable("tasks.where", err)
	}
	var places []message.Lane
	for i, answer := range answers {
		if answer.Val() == 1 {
			places = append(places, lanes[i])
		}
	}
	return places, nil
}

// Page returns up to n ids of tasks in one state (pending, scheduled, retry),
// in the order in which they run, from the from-th on.
func (q *Queue) Page(ctx context.Context, lane message.Lane, state string, from, n int64) (ids []string, err error) {
	queue := keys.Queue(lane)
	if state == "pending" {
		ids, err = q.redis.LRange(ctx, pendingKey(queue), -from-n, -from-1).Result()
		slices.Reverse(ids)
	} else {
		ids, err = q.redis.ZRange(ctx, setKey(queue, state), from, from+n-1).Result()
	}
	if err != nil {
		return nil, unavailable("tasks.page", err)
	}
	return ids, nil
}

// HeldMany returns the messages that tasks of a lane carry, in one trip; nil
// where a task is gone or carries no message.
func (q *Queue) HeldMany(ctx context.Context, lane message.Lane, ids []string) ([]*message.Job, error) {
	jobs := make([]*message.Job, len(ids))
	if len(ids) == 0 {
		return jobs, nil
	}
	pipe, answers := q.redis.Pipeline(), make([]*redis.StringCmd, len(ids))
	for i, id := range ids {
		answers[i] = pipe.HGet(ctx, taskKey(keys.Queue(lane), id), "msg")
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return nil, unavailable("tasks.held_many", err)
	}
	for i, answer := range answers {
		payload, _ := payloadOf(answer.Val())
		if job, err := Decode(payload); err == nil {
			jobs[i] = &job
		}
	}
	return jobs, nil
}

// takeOffScript takes tasks off the queue that wait.
//
// KEYS 1 pending  2 scheduled  3 retry  4 … the tasks
// ARGV their ids, in the same order
// Answer how many were taken off.
// Invariant: a task that runs or has ended is left alone. Those that are
// pending stand near the list's end, where the look for them begins.
var takeOffScript = redis.NewScript(`
local n = 0
for i, id in ipairs(ARGV) do
  local task = KEYS[i + 3]
  local state = redis.call('HGET', task, 'state')
  if state == 'pending' then redis.call('LREM', KEYS[1], -1, id)
  elseif state == 'scheduled' then redis.call('ZREM', KEYS[2], id)
  elseif state == 'retry' then redis.call('ZREM', KEYS[3], id)
  else state = nil end
  if state then
    redis.call('DEL', task)
    n = n + 1
  end
end
return n
`)

// TakeOff takes tasks of messages that ended off their queue where they wait,
// and answers how many there were; a running task stays. Give a page at most:
// it is one script.
func (q *Queue) TakeOff(ctx context.Context, lane message.Lane, ids []string) (int, error) {
	if len(ids) == 0 {
		return 0, nil
	}
	queue := keys.Queue(lane)
	places, args := []string{pendingKey(queue), setKey(queue, "scheduled"), setKey(queue, "retry")}, make([]any, len(ids))
	for i, id := range ids {
		places, args[i] = append(places, taskKey(queue, id)), id
	}
	n, err := takeOffScript.Run(ctx, q.redis, places, args...).Int()
	if err != nil {
		return 0, unavailable("tasks.take_off", err)
	}
	return n, nil
}
