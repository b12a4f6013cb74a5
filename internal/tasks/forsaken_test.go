package tasks_test

import (
	"context"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/tasks"
)

// TestForsaken fails when another version of asynq keeps its leases elsewhere.
func TestForsaken(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		q := tasks.NewQueue(client)
		if _, err := q.Put(t.Context(), decode(t, "a", "x"), time.Now()); err != nil {
			t.Fatal(err)
		}
		runs, end := make(chan struct{}), make(chan struct{})
		server := asynq.NewServerFromRedisClient(client, asynq.Config{
			Queues: map[string]int{"shop.template": 1}, TaskCheckInterval: 10 * time.Millisecond, LogLevel: asynq.FatalLevel})
		if err := server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
			close(runs)
			<-end
			return nil
		})); err != nil {
			t.Fatal(err)
		}
		<-runs
		for silent, want := range map[time.Duration]int{-time.Second: 1, time.Minute: 0} {
			found, err := q.Forsaken(t.Context(), []message.Lane{lane}, silent, 10)
			if err != nil || len(found[lane]) != want {
				t.Errorf("a task that runs, silent for %s: got %v, %v, want %d", silent, found, err, want)
			}
		}
		close(end)
		server.Shutdown()
		if found, err := q.Forsaken(t.Context(), []message.Lane{lane}, -time.Second, 10); err != nil || len(found) != 0 {
			t.Errorf("its task done: got %v, %v, want none", found, err)
		}
	})
}
