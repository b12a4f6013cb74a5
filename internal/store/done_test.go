package store_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/redistest"
	"wxdispatch/internal/store"
)

// TestWhatIsDoneTogetherIsDone: asynq's server over the wrapper leaves a queue as
// it would by itself: nothing active, no lease, no task, and all of them counted.
func TestWhatIsDoneTogetherIsDone(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		const queued = 300
		fillQueue(t, client, queued)
		var all sync.WaitGroup
		all.Add(queued)
		server := asynq.NewServerFromRedisClient(store.Together(client), asynq.Config{Concurrency: 50, Queues: map[string]int{"q": 1}, LogLevel: asynq.FatalLevel})
		if err := server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error { all.Done(); return nil })); err != nil {
			t.Fatal(err)
		}
		all.Wait()
		server.Shutdown() // waits for what the handlers' tasks write
		info, err := asynq.NewInspectorFromRedisClient(client).GetQueueInfo("q")
		if err != nil || info.Size != 0 || info.Processed != queued || info.ProcessedTotal != queued {
			t.Errorf("%+v, %v", info, err)
		}
		if left := client.Keys(t.Context(), "asynq:{q}:t:*").Val(); len(left) > 0 {
			t.Errorf("%d tasks stay, %s among them", len(left), left[0])
		}
		if n := client.ZCard(t.Context(), "asynq:{q}:lease").Val(); n > 0 {
			t.Errorf("%d leases stay", n)
		}
		day := "asynq:{q}:processed:" + time.Now().UTC().Format("2006-01-02")
		if lives := client.TTL(t.Context(), day).Val(); lives <= 0 {
			t.Errorf("the day's count lives for %s", lives)
		}
	})
}

// TestOneThatIsNotThereTakesNobodyWithIt: asynq hears NOT FOUND of that task only.
func TestOneThatIsNotThereTakesNobodyWithIt(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		const queued = 60
		fillQueue(t, client, queued)
		gated := store.NewGated(client, &door{open: 1000})
		for range queued {
			take(t, gated)
		}
		client.Del(t.Context(), "asynq:{q}:t:task-7")
		together := store.Together(client)
		var all sync.WaitGroup
		for i := range queued + 1 { // the last was never there
			all.Go(func() {
				err := done(t, together, fmt.Sprint("task-", i))
				if gone := i == 7 || i == queued; gone != (err != nil && strings.HasPrefix(err.Error(), "NOT FOUND")) {
					t.Errorf("task-%d: %v", i, err)
				}
			})
		}
		all.Wait()
		if n, _ := client.Get(t.Context(), "asynq:{q}:processed").Int(); n != queued-1 {
			t.Errorf("%d are counted, want %d", n, queued-1)
		}
	})
}

// TestTheCountBeginsAnewAtItsGreatest, as asynq's.
func TestTheCountBeginsAnewAtItsGreatest(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		fillQueue(t, client, 1)
		take(t, store.NewGated(client, &door{open: 1}))
		client.Set(t.Context(), "asynq:{q}:processed", math.MaxInt64, 0)
		if err := done(t, store.Together(client), "task-0"); err != nil {
			t.Fatal(err)
		}
		if n, err := client.Get(t.Context(), "asynq:{q}:processed").Int64(); n != 1 {
			t.Errorf("%d, %v", n, err)
		}
	})
}

// done asks as asynq's server does once a handler is back.
func done(t *testing.T, client redis.UniversalClient, id string) error {
	t.Helper()
	day := time.Now().UTC().Format("2006-01-02")
	return redis.NewScript(`return redis.error_reply("asynq's own script ran")`).EvalSha(t.Context(), client,
		[]string{"asynq:{q}:active", "asynq:{q}:lease", "asynq:{q}:t:" + id, "asynq:{q}:processed:" + day, "asynq:{q}:processed"},
		id, time.Now().Add(time.Hour).Unix(), int64(math.MaxInt64)).Err()
}
