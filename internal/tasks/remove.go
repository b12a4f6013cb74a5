package tasks

import (
	"context"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// removeScript takes a task off the queue that waits for its time.
//
// KEYS 1 the task  2 scheduled  3 retry
// ARGV 1 id
// Answer 1 when it was taken off.
// Invariant: a task that is pending, runs or has ended is left alone.
var removeScript = redis.NewScript(`
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'scheduled' and state ~= 'retry' then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
return redis.call('DEL', KEYS[1])
`)

// Remove takes the task of a message that was stopped off its queue where it
// waits for its time (scheduled, in retry), and tells whether there was one. A
// pending or running task stays: it finds where its message stands, and ends.
// Class Unavailable: it may or may not have been taken off; remove it again.
func (q *Queue) Remove(ctx context.Context, lane message.Lane, id string) (bool, error) {
	queue := keys.Queue(lane)
	places := []string{taskKey(queue, id), setKey(queue, "scheduled"), setKey(queue, "retry")}
	n, err := removeScript.Run(ctx, q.redis, places, id).Int()
	if err != nil {
		return false, unavailable("tasks.remove", err)
	}
	return n == 1, nil
}
