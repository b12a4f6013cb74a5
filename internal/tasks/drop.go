package tasks

import (
	"context"
	"errors"

	"github.com/hibiken/asynq"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// dropPage is how many archived tasks are read at once.
const dropPage = 500

// Drop takes the queue of a lane away, and out of the web UI, with what of it is
// archived. False: something waits in it, so it stays.
func (q *Queue) Drop(ctx context.Context, lane message.Lane) (bool, error) {
	backlogs, err := q.Backlogs(ctx, []message.Lane{lane})
	if err != nil || backlogs[0].Waits() > 0 {
		return false, err
	}
	for {
		ids, err := q.redis.ZRange(ctx, setKey(keys.Queue(lane), "archived"), 0, dropPage-1).Result()
		if err != nil {
			return false, unavailable("tasks.drop", err)
		}
		if len(ids) == 0 {
			break
		}
		for _, id := range ids {
			if err := q.Forget(ctx, lane, id); err != nil {
				return false, err
			}
		}
	}
	if _, err := q.Release(ctx, lane); err != nil {
		return false, err
	}
	err = q.inspector.DeleteQueue(keys.Queue(lane), false)
	switch {
	case err == nil, errors.Is(err, asynq.ErrQueueNotFound):
		return true, nil
	case errors.Is(err, asynq.ErrQueueNotEmpty):
		return false, nil
	}
	return false, unavailable("tasks.drop", err)
}
