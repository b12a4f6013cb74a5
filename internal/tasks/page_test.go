package tasks_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/tasks"
)

// TestABatchsQueueIsReadAndClearedInPages: against asynq, whose layout it reads.
func TestABatchsQueueIsReadAndClearedInPages(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		q, inspector, ctx := tasks.NewQueue(client), asynq.NewInspectorFromRedisClient(client), t.Context()
		of := message.Lane{Account: "shop", Kind: message.Template, Batch: "spring"}
		var ids []string
		for i := range 5 {
			m := decode(t, fmt.Sprint("m-", i), "x")
			m.Batch = "spring"
			if i == 4 {
				m.SendAt = time.Now().Add(time.Hour)
			} else {
				ids = append(ids, m.ID)
			}
			if _, err := q.Put(ctx, m, time.Now()); err != nil {
				t.Fatal(err)
			}
		}
		if first, err := q.Page(ctx, of, "pending", 0, 3); err != nil || !slices.Equal(first, ids[:3]) {
			t.Fatalf("the first page is %v, %v", first, err)
		}
		if rest, err := q.Page(ctx, of, "pending", 3, 3); err != nil || !slices.Equal(rest, ids[3:]) {
			t.Fatalf("the second page is %v, %v", rest, err)
		}
		if later, err := q.Page(ctx, of, "scheduled", 0, 3); err != nil || !slices.Equal(later, []string{"m-4"}) {
			t.Fatalf("scheduled are %v, %v", later, err)
		}
		jobs, err := q.HeldMany(ctx, of, []string{"m-0", "none", "m-4"})
		if err != nil || jobs[0] == nil || jobs[0].Message.ID != "m-0" || jobs[1] != nil || jobs[2] == nil || jobs[2].Message.ID != "m-4" {
			t.Fatalf("held are %v, %v", jobs, err)
		}
		if places, err := q.Where(ctx, []message.Lane{lane, of}, "m-1"); err != nil || !slices.Equal(places, []message.Lane{of}) {
			t.Fatalf("m-1 is in %v, %v", places, err)
		}
		if gone, err := q.Drop(ctx, of); err != nil || gone {
			t.Fatalf("a queue with tasks was dropped: %v, %v", gone, err)
		}
		if n, err := q.TakeOff(ctx, of, append(ids, "m-4", "none")); err != nil || n != 5 {
			t.Fatalf("%d were taken off, %v", n, err)
		}
		if info, err := inspector.GetQueueInfo("shop.template.spring"); err != nil || info.Size != 0 {
			t.Fatalf("asynq sees %+v, %v", info, err)
		}
		if _, err := q.Hold(ctx, of); err != nil {
			t.Fatal(err)
		}
		if gone, err := q.Drop(ctx, of); err != nil || !gone {
			t.Fatalf("an empty queue stays: %v, %v", gone, err)
		}
		if left, err := client.Keys(ctx, "asynq:{shop.template.spring}*").Result(); err != nil || len(left) != 0 {
			t.Fatalf("left are %v, %v", left, err)
		}
		// The same producer would not make it known again.
		if _, err := q.Put(ctx, decode(t, "m-9", "x"), time.Now()); err != nil {
			t.Fatal(err)
		}
		if err := q.Publish(ctx, of); err != nil {
			t.Fatal(err)
		}
		if queues, err := inspector.Queues(); err != nil || !slices.Contains(queues, "shop.template.spring") {
			t.Fatalf("asynq knows %v, %v", queues, err)
		}
	})
}
