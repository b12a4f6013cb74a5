package tasks

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// activeKey is the list of the ids that workers run.
func activeKey(queue string) string { return "asynq:{" + queue + "}:active" }

// Backlog counts what stands in the queue of one kind, by state (pending,
// scheduled, active, waiting, archived), and tells how long the oldest pending
// message has waited. A queue that nothing was ever put into is empty. Its cost
// does not grow with the queue, as that of asynq's own look does, which weighs
// the tasks.
func (q *Queue) Backlog(ctx context.Context, account string, kind message.Kind) (map[string]int, time.Duration, error) {
	queue, pipe := keys.Queue(account, kind), q.redis.Pipeline()
	counts := map[string]*redis.IntCmd{
		"pending": pipe.LLen(ctx, pendingKey(queue)), "active": pipe.LLen(ctx, activeKey(queue)),
		"scheduled": pipe.ZCard(ctx, setKey(queue, "scheduled")), "waiting": pipe.ZCard(ctx, setKey(queue, "retry")),
		"archived": pipe.ZCard(ctx, setKey(queue, "archived")),
	}
	oldest := pipe.LIndex(ctx, pendingKey(queue), -1)
	if _, err := pipe.Exec(ctx); err != nil && err != redis.Nil {
		return nil, 0, unavailable("tasks.backlog", err)
	}
	states := make(map[string]int, len(counts))
	for state, n := range counts {
		states[state] = int(n.Val())
	}
	age, err := q.pendingFor(ctx, queue, oldest.Val())
	return states, age, err
}

// pendingFor is how long a task has been pending, 0 when it is not any more.
func (q *Queue) pendingFor(ctx context.Context, queue, id string) (time.Duration, error) {
	if id == "" {
		return 0, nil
	}
	since, err := q.redis.HGet(ctx, taskKey(queue, id), "pending_since").Result()
	if err != nil && err != redis.Nil {
		return 0, unavailable("tasks.backlog", err)
	}
	ns, err := strconv.ParseInt(since, 10, 64)
	if err != nil {
		return 0, nil
	}
	return max(0, time.Since(time.Unix(0, ns))), nil
}
