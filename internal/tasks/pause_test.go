package tasks_test

import (
	"slices"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/redistest"
	"wxdispatch/internal/tasks"
)

func TestOursAndTheOperatorsPause(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		q, inspector, ctx := tasks.NewQueue(client), asynq.NewInspectorFromRedisClient(client), t.Context()
		if _, err := q.Put(ctx, decode(t, "a", "x"), time.Now()); err != nil {
			t.Fatal(err)
		}
		paused := func(want bool) {
			t.Helper()
			if info, err := inspector.GetQueueInfo("shop.template"); err != nil || info.Paused != want {
				t.Fatalf("the web UI shows paused %t, %v; want %t", info.Paused, err, want)
			}
		}
		hold := func(want tasks.Pause) {
			t.Helper()
			if got, err := q.Hold(ctx, lane); err != nil || got != want {
				t.Fatalf("hold: got %q, %v, want %q", got, err, want)
			}
			paused(true)
		}
		release := func(want bool) {
			t.Helper()
			if got, err := q.Release(ctx, lane); err != nil || got != want {
				t.Fatalf("release: got %t, %v, want %t", got, err, want)
			}
			paused(false)
		}
		hold(tasks.PausedNow)
		hold(tasks.PausedBefore)
		if err := inspector.PauseQueue("shop.template"); err == nil {
			t.Error("asynq pauses what we paused")
		}
		if byHand, err := q.Paused(ctx, lane); err != nil || byHand {
			t.Errorf("ours is told as an operator's: %v", err)
		}
		release(true)
		release(false)
		if err := inspector.PauseQueue("shop.template"); err != nil {
			t.Fatal(err)
		}
		hold(tasks.PausedByHand)
		if byHand, err := q.Paused(ctx, lane); err != nil || !byHand {
			t.Errorf("an operator's is not told as such: %v", err)
		}
		if got, err := q.Release(ctx, lane); err != nil || got {
			t.Fatalf("an operator's pause was ended: %v", err)
		}
		paused(true)
		if err := inspector.UnpauseQueue("shop.template"); err != nil {
			t.Fatal(err)
		}
		hold(tasks.PausedNow)
		if err := inspector.UnpauseQueue("shop.template"); err != nil {
			t.Fatalf("the web UI's Resume does not end ours: %v", err)
		}
		hold(tasks.PausedNow)
	})
}

func TestTheOldestComesFirst(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		q, ctx := tasks.NewQueue(client), t.Context()
		for _, id := range []string{"a", "b", "c"} {
			if _, err := q.Put(ctx, decode(t, id, "x"), time.Now()); err != nil {
				t.Fatal(err)
			}
		}
		for from, want := range map[int64][]string{0: {"a", "b"}, 2: {"c"}, 4: nil} {
			if got, err := q.Oldest(ctx, lane, from, 2); err != nil || !slices.Equal(got, want) {
				t.Errorf("from %d: got %v, %v, want %v", from, got, err, want)
			}
		}
	})
}
