package tasks_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/tasks"
)

func TestRemoveTakesWhatWaitsForItsTime(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		queue, inspector := tasks.NewQueue(client), asynq.NewInspectorFromRedisClient(client)
		retrying(t, client, decode(t, "retry", "x"))
		for id, at := range map[string]time.Duration{"scheduled": time.Hour, "pending": 0, "archived": 0} {
			m := decode(t, id, "x")
			m.SendAt = time.Now().Add(at)
			if _, err := queue.Put(t.Context(), m, m.SendAt.Add(-at)); err != nil {
				t.Fatal(err)
			}
		}
		if err := inspector.ArchiveTask("shop.template", "archived"); err != nil {
			t.Fatal(err)
		}

		for id, want := range map[string]bool{"scheduled": true, "retry": true, "pending": false, "archived": false, "nobody": false} {
			removed, err := queue.Remove(t.Context(), lane, id)
			if err != nil || removed != want {
				t.Errorf("%s: got %v, %v, want %v", id, removed, err, want)
			}
			_, err = inspector.GetTaskInfo("shop.template", id)
			if gone := errors.Is(err, asynq.ErrTaskNotFound); gone != (want || id == "nobody") {
				t.Errorf("%s: after it %v", id, err)
			}
		}
		info, err := inspector.GetQueueInfo("shop.template")
		if err != nil || info.Scheduled != 0 || info.Retry != 0 || info.Pending != 1 || info.Archived != 1 {
			t.Errorf("the queue: %+v, %v", info, err)
		}
	})
}

// retrying puts a message into its queue, runs it once and leaves it in retry.
func retrying(t *testing.T, client redis.UniversalClient, m *message.Message) {
	t.Helper()
	if _, err := tasks.NewQueue(client).Put(t.Context(), m, time.Now()); err != nil {
		t.Fatal(err)
	}
	ran := make(chan struct{})
	server := asynq.NewServerFromRedisClient(client, asynq.Config{Concurrency: 1, LogLevel: asynq.FatalLevel,
		Queues: map[string]int{"shop.template": 1}, RetryDelayFunc: tasks.Delay, IsFailure: tasks.IsFailure})
	err := server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
		defer close(ran)
		return tasks.Result(message.Verdict{Next: message.Again, After: time.Hour})
	}))
	if err != nil {
		t.Fatal(err)
	}
	<-ran
	server.Shutdown() // which waits until the verdict is written
}

func TestRemoveSaysWhenRedisIsAway(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := tasks.NewQueue(redistest.Mini(t)).Remove(ctx, lane, "a")
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v, want class unavailable", err)
	}
}
