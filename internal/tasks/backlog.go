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

// Backlog counts what stands in the queues of some lanes together, by state
// (pending, scheduled, active, waiting, archived), and tells how long the
// oldest pending message has waited. A queue that nothing was ever put into is
// empty. Its cost does not grow with the queues, as that of asynq's own look
// does, which weighs the tasks.
func (q *Queue) Backlog(ctx context.Context, lanes ...message.Lane) (map[string]int, time.Duration, error) {
	all, err := q.Backlogs(ctx, lanes)
	if err != nil {
		return nil, 0, err
	}
	states, oldest := map[string]int{}, time.Duration(0)
	for _, b := range all {
		for state, n := range b.States {
			states[state] += n
		}
		oldest = max(oldest, b.Oldest)
	}
	return states, oldest, nil
}

// Backlog is what stands in one queue.
type Backlog struct {
	States map[string]int // pending, scheduled, active, waiting, archived
	Oldest time.Duration  // how long the oldest pending message has waited
	Pause  Pause          // PausedBefore: by us; PausedByHand; empty: not paused
}

// Waits counts what has not ended.
func (b Backlog) Waits() int {
	return b.States["pending"] + b.States["scheduled"] + b.States["active"] + b.States["waiting"]
}

// Backlogs looks at the queues of lanes one by one; two trips for all.
func (q *Queue) Backlogs(ctx context.Context, lanes []message.Lane) ([]Backlog, error) {
	all := make([]Backlog, len(lanes))
	if len(lanes) == 0 {
		return all, nil
	}
	pipe := q.redis.Pipeline()
	looks := make([]queueLook, len(lanes))
	for i, lane := range lanes {
		looks[i] = lookAt(ctx, pipe, keys.Queue(lane))
	}
	if _, err := pipe.Exec(ctx); err != nil && err != redis.Nil {
		return nil, unavailable("tasks.backlog", err)
	}
	since, err := q.pendingSince(ctx, looks)
	if err != nil {
		return nil, err
	}
	for i, look := range looks {
		all[i] = Backlog{States: look.states(), Pause: look.pause()}
		if at := since[i]; !at.IsZero() {
			all[i].Oldest = max(0, time.Since(at))
		}
	}
	return all, nil
}

// queueLook is what Redis is asked of one queue.
type queueLook struct {
	queue  string
	counts map[string]*redis.IntCmd
	oldest *redis.StringCmd
	paused *redis.StringCmd
}

func lookAt(ctx context.Context, pipe redis.Pipeliner, queue string) queueLook {
	return queueLook{queue, map[string]*redis.IntCmd{
		"pending": pipe.LLen(ctx, pendingKey(queue)), "active": pipe.LLen(ctx, activeKey(queue)),
		"scheduled": pipe.ZCard(ctx, setKey(queue, "scheduled")), "waiting": pipe.ZCard(ctx, setKey(queue, "retry")),
		"archived": pipe.ZCard(ctx, setKey(queue, "archived")),
	}, pipe.LIndex(ctx, pendingKey(queue), -1), pipe.Get(ctx, pausedKey(queue))}
}

func (l queueLook) states() map[string]int {
	states := make(map[string]int, len(l.counts))
	for state, n := range l.counts {
		states[state] = int(n.Val())
	}
	return states
}

func (l queueLook) pause() Pause {
	switch {
	case l.paused.Err() != nil:
		return ""
	case l.paused.Val() == ours:
		return PausedBefore
	}
	return PausedByHand
}

// pendingSince is since when the oldest tasks have been pending, zero where
// there is none any more.
func (q *Queue) pendingSince(ctx context.Context, looks []queueLook) ([]time.Time, error) {
	pipe, since := q.redis.Pipeline(), make([]time.Time, len(looks))
	asked := map[int]*redis.StringCmd{}
	for i, look := range looks {
		if id := look.oldest.Val(); id != "" {
			asked[i] = pipe.HGet(ctx, taskKey(look.queue, id), "pending_since")
		}
	}
	if len(asked) == 0 {
		return since, nil
	}
	if _, err := pipe.Exec(ctx); err != nil && err != redis.Nil {
		return nil, unavailable("tasks.backlog", err)
	}
	for i, cmd := range asked {
		if ns, err := strconv.ParseInt(cmd.Val(), 10, 64); err == nil {
			since[i] = time.Unix(0, ns)
		}
	}
	return since, nil
}
