package store_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/redistest"
	"wxdispatch/internal/store"
)

// door is a gate that counts.
type door struct{ open, entered, left int }

func (d *door) Enter() bool {
	if d.open == 0 {
		return false
	}
	d.open--
	d.entered++
	return true
}

func (d *door) Leave() { d.left++ }

// taking stands for asynq's script that takes a task: it is known by its keys.
const taking = `return redis.error_reply("asynq's own script ran")`

var takingKeys = []string{"asynq:{q}:pending", "asynq:{q}:paused", "asynq:{q}:active", "asynq:{q}:lease"}

// take asks for a task as asynq does, and tells its id, which the message holds.
func take(t *testing.T, gated *store.Gated) string {
	t.Helper()
	lease := time.Now().Add(30 * time.Second).Unix()
	msg, err := redis.NewScript(taking).Run(t.Context(), gated, takingKeys, lease, "asynq:{q}:t:").Text()
	if err != nil && !errors.Is(err, redis.Nil) {
		t.Fatal(err)
	}
	return regexp.MustCompile("task-[0-9]+|^$").FindString(msg)
}

func fillQueue(t *testing.T, client redis.UniversalClient, n int) {
	t.Helper()
	queue := asynq.NewClientFromRedisClient(client)
	for i := range n {
		if _, err := queue.Enqueue(asynq.NewTask("t", nil), asynq.Queue("q"), asynq.TaskID(fmt.Sprint("task-", i))); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAClosedGateLooksLikeAnEmptyQueue(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := &door{}
		gated := store.NewGated(client, d)
		take := func() string { return take(t, gated) }
		fillQueue(t, client, 1)
		if id := take(); id != "" {
			t.Fatalf("took %q through a closed gate", id)
		}
		d.open = 10
		if id := take(); id != "task-0" {
			t.Fatalf("took %q, want the task", id)
		}
		if held := d.entered - d.left; held != 1 {
			t.Fatalf("%d places are held for one task", held)
		}
		take() // empty
		if held := d.entered - d.left; held != 1 {
			t.Fatalf("%d places are held, though the queue was empty", held)
		}
		if n := redis.NewScript("return 7").Run(t.Context(), gated, takingKeys[:3]).Val(); n != int64(7) || d.entered-d.left != 1 {
			t.Error("another script went through the gate")
		}
	})
}

// asynq's own question must be known as what it is.
func TestAsynqAsksTheGate(t *testing.T) {
	d := &door{}
	entered := make(chan struct{}, 1000)
	server := asynq.NewServerFromRedisClient(store.NewGated(redistest.Mini(t), gateFunc(func() bool {
		select {
		case entered <- struct{}{}:
		default:
		}
		return d.Enter()
	})), asynq.Config{Queues: map[string]int{"q": 1}, LogLevel: asynq.FatalLevel})
	if err := server.Start(asynq.HandlerFunc(nil)); err != nil {
		t.Fatal(err)
	}
	defer server.Shutdown()
	<-entered
}

type gateFunc func() bool

func (f gateFunc) Enter() bool { return f() }
func (gateFunc) Leave()        {}

// TestTasksComeOnceAndInTheirOrder: though a trip brings several, each is asked
// for by itself, is active for asynq, and has a place; what nobody asked for
// waits again where it was.
func TestTasksComeOnceAndInTheirOrder(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		const queued = 60
		fillQueue(t, client, queued)
		look := asynq.NewInspectorFromRedisClient(client)
		d := &door{open: 1000}
		gated := store.NewGated(client, d)
		taken := 0
		for ; taken < 20; taken++ {
			if id := take(t, gated); id != fmt.Sprint("task-", taken) {
				t.Fatalf("took %q as number %d", id, taken)
			}
		}
		if info, err := look.GetQueueInfo("q"); err != nil || info.Active != d.entered-d.left || info.Active+info.Pending != queued {
			t.Fatalf("%+v, %v: %d places are held", info, err, d.entered-d.left)
		}
		if err := gated.PutBack(t.Context()); err != nil {
			t.Fatal(err)
		}
		if info, err := look.GetQueueInfo("q"); err != nil || info.Active != taken || info.Pending != queued-taken || d.entered-d.left != taken {
			t.Fatalf("after putting back: %+v, %v: %d places are held", info, err, d.entered-d.left)
		}
		if left := client.ZCard(t.Context(), takingKeys[3]).Val(); left != int64(taken) {
			t.Errorf("%d leases for %d tasks", left, taken)
		}
		for ; taken < queued; taken++ {
			if id := take(t, gated); id != fmt.Sprint("task-", taken) {
				t.Fatalf("took %q as number %d", id, taken)
			}
		}
		if id := take(t, gated); id != "" {
			t.Errorf("took %q from an empty queue", id)
		}
	})
}

// TestNoMoreIsTakenThanThereArePlaces, and nothing from a queue that is paused.
func TestNoMoreIsTakenThanThereArePlaces(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		fillQueue(t, client, 30)
		look := asynq.NewInspectorFromRedisClient(client)
		d := &door{open: 11}
		gated := store.NewGated(client, d)
		n := 0
		for take(t, gated) != "" {
			n++
		}
		if info, err := look.GetQueueInfo("q"); err != nil || n != 11 || info.Active != 11 {
			t.Errorf("%d were taken through 11 places: %+v, %v", n, info, err)
		}
		if err := look.PauseQueue("q"); err != nil {
			t.Fatal(err)
		}
		d.open = 100
		if id := take(t, gated); id != "" || d.entered-d.left != 11 {
			t.Errorf("took %q from a paused queue; %d places are held", id, d.entered-d.left)
		}
	})
}

// TestScriptsOfManyGoTogether: each hears its own answer or its own error, also
// when Redis does not know the script yet.
func TestScriptsOfManyGoTogether(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		together := store.Together(client)
		script := redis.NewScript(`if ARGV[1] == "13" then return redis.error_reply("UNLUCKY") end return ARGV[1]`)
		var all sync.WaitGroup
		for i := range 200 {
			all.Go(func() {
				word := fmt.Sprint(i)
				got, err := script.Run(t.Context(), together, []string{"k"}, word).Text()
				if i == 13 && (err == nil || !strings.Contains(err.Error(), "UNLUCKY")) || i != 13 && (err != nil || got != word) {
					t.Errorf("%s: %q, %v", word, got, err)
				}
			})
		}
		all.Wait()
	})
}
