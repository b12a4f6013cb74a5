package tasks

import (
	"context"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// Pause is what Hold found or did. asynq keeps a pause as one key that is set or
// not, and never looks at its value: ours says that it is ours, so that an
// operator's pause and our own are told apart whoever dies in between.
type Pause string

// The pauses.
const (
	PausedNow    Pause = "now"    // it was not paused; it is now, by us
	PausedBefore Pause = "before" // we had paused it
	PausedByHand Pause = "hand"   // an operator had
)

// ours is the value of a pause that is ours.
const ours = "wxdispatch"

// pausedKey stands while asynq hands out no task of a queue.
func pausedKey(queue string) string { return "asynq:{" + queue + "}:paused" }

// holdScript pauses a queue.
//
// KEYS 1 paused
// ARGV 1 our value
// Answer now, before or hand.
// Invariant: an operator's pause stays an operator's.
var holdScript = redis.NewScript(`
local value = redis.call('GET', KEYS[1])
if value == ARGV[1] then return 'before' end
if value then return 'hand' end
redis.call('SET', KEYS[1], ARGV[1])
return 'now'
`)

// releaseScript ends a pause of ours.
//
// KEYS 1 paused
// ARGV 1 our value
// Answer 1 when there was one.
// Invariant: an operator's pause stays.
var releaseScript = redis.NewScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`)

// Hold pauses the queue of a lane, for all workers and to be seen in the web UI.
func (q *Queue) Hold(ctx context.Context, lane message.Lane) (Pause, error) {
	text, err := holdScript.Run(ctx, q.redis, []string{pausedKey(keys.Queue(lane))}, ours).Text()
	if err != nil {
		return "", unavailable("tasks.hold", err)
	}
	return Pause(text), nil
}

// Release ends a pause of ours and tells whether there was one; an operator's
// stays.
func (q *Queue) Release(ctx context.Context, lane message.Lane) (bool, error) {
	n, err := releaseScript.Run(ctx, q.redis, []string{pausedKey(keys.Queue(lane))}, ours).Int()
	if err != nil {
		return false, unavailable("tasks.release", err)
	}
	return n == 1, nil
}

// Paused tells whether an operator paused the queue of a lane by hand.
func (q *Queue) Paused(ctx context.Context, lane message.Lane) (bool, error) {
	value, err := q.redis.Get(ctx, pausedKey(keys.Queue(lane))).Result()
	switch {
	case err == redis.Nil:
		return false, nil
	case err != nil:
		return false, unavailable("tasks.paused", err)
	}
	return value != ours, nil
}
