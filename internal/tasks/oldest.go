package tasks

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// pendingKey is the list of the ids that are due; asynq takes from its end.
func pendingKey(queue string) string { return "asynq:{" + queue + "}:pending" }

// Oldest returns ids of a lane that wait and are due, those from the from-th on
// and at most n of each sort: first those that were put off before, then the
// queue in its order, then those whose send_at has come. Nothing is taken off;
// one trip, whose cost does not grow with the queue.
func (q *Queue) Oldest(ctx context.Context, lane message.Lane, from, n int64) ([]string, error) {
	queue, pipe := keys.Queue(lane), q.redis.Pipeline()
	due := &redis.ZRangeBy{Min: "-inf", Max: strconv.FormatInt(time.Now().Unix(), 10), Offset: from, Count: n}
	again := pipe.ZRangeByScore(ctx, setKey(queue, "retry"), due)
	pending := pipe.LRange(ctx, pendingKey(queue), -from-n, -from-1)
	scheduled := pipe.ZRangeByScore(ctx, setKey(queue, "scheduled"), due)
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, unavailable("tasks.oldest", err)
	}
	inTurn := pending.Val()
	slices.Reverse(inTurn)
	return slices.Concat(again.Val(), inTurn, scheduled.Val()), nil
}
