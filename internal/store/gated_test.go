package store_test

import (
	"errors"
	"testing"

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

// taking is asynq's script that takes a task, in short.
const taking = `local id = redis.call("RPOPLPUSH", KEYS[1], KEYS[3]); return id`

var takingKeys = []string{"asynq:{q}:pending", "asynq:{q}:paused", "asynq:{q}:active", "asynq:{q}:lease"}

func TestAClosedGateLooksLikeAnEmptyQueue(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := &door{}
		gated, script := store.Gated(client, d), redis.NewScript(taking)
		take := func() string {
			t.Helper()
			id, err := script.Run(t.Context(), gated, takingKeys).Text()
			if err != nil && !errors.Is(err, redis.Nil) {
				t.Fatal(err)
			}
			return id
		}
		if _, err := asynq.NewClientFromRedisClient(client).Enqueue(asynq.NewTask("t", nil), asynq.Queue("q"), asynq.TaskID("1")); err != nil {
			t.Fatal(err)
		}
		if id := take(); id != "" {
			t.Fatalf("took %q through a closed gate", id)
		}
		d.open = 10
		if id := take(); id != "1" {
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
	server := asynq.NewServerFromRedisClient(store.Gated(redistest.Mini(t), gateFunc(func() bool {
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
