package tasks_test

import (
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/redistest"
	"wxdispatch/internal/tasks"
)

// TestWhatAsynqKeeps fails when another version of asynq keeps its tasks
// elsewhere.
func TestWhatAsynqKeeps(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		q, inspector, ctx := tasks.NewQueue(client), asynq.NewInspectorFromRedisClient(client), t.Context()
		for _, id := range []string{"pending", "archived"} {
			if _, err := q.Put(ctx, decode(t, id, "x"), time.Now()); err != nil {
				t.Fatal(err)
			}
		}
		if err := inspector.ArchiveTask("shop.template", "archived"); err != nil {
			t.Fatal(err)
		}
		ids := []string{"pending", "archived", "nothing"}
		want := []tasks.Presence{tasks.Live, tasks.Archived, tasks.Absent}
		got, err := q.Presences(ctx, lane, ids)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s: got %s, want %s", ids[i], got[i], want[i])
			}
		}
		for _, id := range ids {
			if err := q.Forget(ctx, lane, id); err != nil {
				t.Fatal(err)
			}
		}
		info, err := inspector.GetQueueInfo("shop.template")
		if err != nil || info.Archived != 0 || info.Pending != 1 {
			t.Fatalf("after forgetting: got %+v, %v, want the pending task alone", info, err)
		}
	})
}

func TestRevive(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		q, inspector, ctx := tasks.NewQueue(client), asynq.NewInspectorFromRedisClient(client), t.Context()
		if _, err := q.Put(ctx, decode(t, "a", "x"), time.Now()); err != nil {
			t.Fatal(err)
		}
		if err := inspector.ArchiveTask("shop.template", "a"); err != nil {
			t.Fatal(err)
		}
		if ran, err := q.Revive(ctx, lane, "a"); err != nil || !ran {
			t.Fatalf("an archived task: got %v, %v", ran, err)
		}
		if ran, err := q.Revive(ctx, lane, "b"); err != nil || ran {
			t.Fatalf("no task: got %v, %v", ran, err)
		}
	})
}

// TestBacklogCountsAsAsynqDoes, and a queue that is not there is empty.
func TestBacklogCountsAsAsynqDoes(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		q, inspector, ctx := tasks.NewQueue(client), asynq.NewInspectorFromRedisClient(client), t.Context()
		if states, oldest, err := q.Backlog(ctx, lane); err != nil || states["pending"] != 0 || oldest != 0 {
			t.Fatalf("a queue that is not there: %v, %v, %v", states, oldest, err)
		}
		for _, id := range []string{"a", "b", "c"} {
			if _, err := q.Put(ctx, decode(t, id, "x"), time.Now()); err != nil {
				t.Fatal(err)
			}
		}
		if err := inspector.ArchiveTask("shop.template", "c"); err != nil {
			t.Fatal(err)
		}
		states, oldest, err := q.Backlog(ctx, lane)
		info, asked := inspector.GetQueueInfo("shop.template")
		if err != nil || asked != nil {
			t.Fatal(err, asked)
		}
		if states["pending"] != info.Pending || states["archived"] != info.Archived || states["active"] != 0 || info.Pending != 2 {
			t.Errorf("got %v, asynq says %+v", states, info)
		}
		if oldest <= 0 || info.Latency-oldest > time.Second {
			t.Errorf("the oldest waits for %s, asynq says %s", oldest, info.Latency)
		}
	})
}
