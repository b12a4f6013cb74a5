package tasks

import (
	"context"
	"errors"
	"time"

	"github.com/hibiken/asynq"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
)

// Backlog counts what stands in the queue of one kind, by state (pending,
// scheduled, active, waiting, archived), and tells how long the oldest pending
// message has waited. A queue that nothing was ever put into is empty.
func (q *Queue) Backlog(_ context.Context, account string, kind message.Kind) (map[string]int, time.Duration, error) {
	info, err := q.inspector.GetQueueInfo(keys.Queue(account, kind))
	switch {
	case errors.Is(err, asynq.ErrQueueNotFound):
		return map[string]int{"pending": 0, "scheduled": 0, "active": 0, "waiting": 0, "archived": 0}, 0, nil
	case err != nil:
		return nil, 0, unavailable("tasks.backlog", err)
	}
	return map[string]int{
		"pending": info.Pending, "scheduled": info.Scheduled, "active": info.Active,
		"waiting": info.Retry, "archived": info.Archived,
	}, info.Latency, nil
}
