package tasks

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// leaseLasts is how far ahead asynq sets a running task's lease, at each sign
// of life of its worker (every 5 s).
const leaseLasts = 30 * time.Second

// leaseKey is the sorted set of the ids that workers run, scored by when their
// leases end in seconds of the worker's clock.
func leaseKey(queue string) string { return "asynq:{" + queue + "}:lease" }

// Forsaken returns the ids of running tasks whose worker gave no sign of life
// for so long, up to most a lane; one trip. asynq itself runs them again after
// one to two minutes, behind all that waits. A worker that is cut off from
// Redis may still be at work.
func (q *Queue) Forsaken(ctx context.Context, lanes []message.Lane, silent time.Duration, most int64) (map[message.Lane][]string, error) {
	until := time.Now().Add(leaseLasts - silent).Unix()
	pipe, answers := q.redis.Pipeline(), map[message.Lane]*redis.StringSliceCmd{}
	for _, lane := range lanes {
		answers[lane] = pipe.ZRangeByScore(ctx, leaseKey(keys.Queue(lane)),
			&redis.ZRangeBy{Min: "-inf", Max: strconv.FormatInt(until, 10), Count: most})
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, unavailable("tasks.forsaken", err)
	}
	found := map[message.Lane][]string{}
	for lane, answer := range answers {
		if ids := answer.Val(); len(ids) > 0 {
			found[lane] = ids
		}
	}
	return found, nil
}
