package lane_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"wxdispatch/internal/lane"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/store"
	"wxdispatch/internal/tasks"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const queue = "shop.template"

// handler is a dispatcher that answers as a test says.
type handler func(ctx context.Context, job message.Job) message.Verdict

func (h handler) Handle(ctx context.Context, job message.Job) message.Verdict { return h(ctx, job) }

// stage is a Redis and a lane on it.
type stage struct {
	t         *testing.T
	redis     redis.UniversalClient
	queue     *tasks.Queue
	inspector *asynq.Inspector
	lane      *lane.Lane
	logs      *lockedBuffer
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string { b.mu.Lock(); defer b.mu.Unlock(); return b.b.String() }

func newStage(t *testing.T, h handler) *stage {
	client := redistest.Mini(t)
	s := &stage{t: t, redis: client, queue: tasks.NewQueue(client), inspector: asynq.NewInspectorFromRedisClient(client), logs: &lockedBuffer{}}
	gate := lane.NewGate(func() int { return 100 })
	s.lane = lane.New(lane.Options{
		Gate: gate,
		Lane: message.Lane{Account: "shop", Kind: message.Template}, Concurrency: 2, ShutdownTimeout: 100 * time.Millisecond,
		NewServer: func(e lane.Entrance, c asynq.Config) lane.Server {
			return asynq.NewServerFromRedisClient(store.NewGated(client, e), c)
		},
		Dispatcher: h, Log: slog.New(slog.NewTextHandler(s.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	return s
}

func (s *stage) start() {
	s.t.Helper()
	if err := s.lane.Start(); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) put(ids ...string) {
	s.t.Helper()
	for _, id := range ids {
		if _, err := s.queue.Put(s.t.Context(), decoded(s.t, "shop", "template", id), time.Now()); err != nil {
			s.t.Fatal(err)
		}
	}
}

func decoded(t *testing.T, account, kind, id string) *message.Message {
	t.Helper()
	m, err := message.Decode([]byte(`{"id":"` + id + `","account":"` + account + `","kind":"` + kind + `","body":{"touser":"o1","template_id":"t1","data":{"thing1":{"value":"x"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// stands waits until asynq has a task in a state.
func (s *stage) stands(id string, state asynq.TaskState) *asynq.TaskInfo {
	s.t.Helper()
	var info *asynq.TaskInfo
	s.until("task "+id+" is "+state.String(), func() (there bool) {
		var err error
		info, err = s.inspector.GetTaskInfo(queue, id)
		return err == nil && info.State == state
	})
	return info
}

func (s *stage) gone(id string) {
	s.t.Helper()
	s.until("task "+id+" is gone", func() bool {
		_, err := s.inspector.GetTaskInfo(queue, id)
		return errors.Is(err, asynq.ErrTaskNotFound)
	})
}

func (s *stage) until(what string, there func() bool) {
	s.t.Helper()
	end := time.After(30 * time.Second)
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	for !there() {
		select {
		case <-end:
			s.t.Fatalf("waited in vain until %s\n%s", what, s.logs)
		case <-poll.C:
		}
	}
}

func TestAVerdictIsWhatTheQueueDoes(t *testing.T) {
	s := newStage(t, func(_ context.Context, job message.Job) message.Verdict {
		switch job.Message.ID {
		case "later":
			return message.Verdict{Next: message.Again, After: time.Hour, State: message.Waiting, Reason: "daily"}
		case "refused":
			return message.Verdict{Next: message.Stop, State: message.Refused, Reason: "recipient"}
		}
		return message.Verdict{Next: message.Done, State: message.Accepted}
	})
	s.put("later", "refused", "sent")
	s.start()
	defer s.lane.Stop()
	s.gone("sent")
	if info := s.stands("refused", asynq.TaskStateArchived); !strings.Contains(info.LastErr, "refused: recipient") {
		t.Errorf("operators see %q, want the state and the reason", info.LastErr)
	}
	later := s.stands("later", asynq.TaskStateRetry)
	if wait := time.Until(later.NextProcessAt); wait < 50*time.Minute || later.Retried != 0 {
		t.Errorf("put off by %v after %d retries, want an hour, uncounted", wait, later.Retried)
	}
}

func TestWhatIsNoMessageOfTheLaneIsArchived(t *testing.T) {
	var handled atomic.Int32
	s := newStage(t, func(context.Context, message.Job) message.Verdict {
		handled.Add(1)
		return message.Verdict{Next: message.Done}
	})
	foreign := func(account, kind string) string {
		data, err := tasks.Encode(message.Job{Message: decoded(t, account, kind, "x"), Created: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	cases := map[string]struct{ payload, words string }{
		"empty":           {"", "no JSON"},
		"garbage":         {"\x00\xff", "no JSON"},
		"another-account": {foreign("other", "template"), "this queue is shop.template"},
		"another-kind":    {foreign("shop", "bizsend"), "this queue is shop.template"},
	}
	client := asynq.NewClientFromRedisClient(s.redis)
	for id, c := range cases {
		if _, err := client.Enqueue(asynq.NewTask("wechat:template", []byte(c.payload)), asynq.Queue(queue), asynq.TaskID(id)); err != nil {
			t.Fatal(err)
		}
	}
	s.start()
	defer s.lane.Stop()
	for id, c := range cases {
		if info := s.stands(id, asynq.TaskStateArchived); !strings.Contains(info.LastErr, c.words) {
			t.Errorf("%s: archived with %q, want the words %q", id, info.LastErr, c.words)
		}
	}
	if n := handled.Load(); n != 0 {
		t.Errorf("%d of them were handed on, want none", n)
	}
}

func TestAHandlerThatPanicsTakesNothingDown(t *testing.T) {
	s := newStage(t, func(_ context.Context, job message.Job) message.Verdict {
		if job.Message.ID == "bad" {
			panic("a mistake of ours")
		}
		return message.Verdict{Next: message.Done}
	})
	s.put("bad", "good")
	s.start()
	defer s.lane.Stop()
	s.gone("good")
	if info := s.stands("bad", asynq.TaskStateRetry); !strings.Contains(info.LastErr, "a mistake of ours") {
		t.Errorf("operators see %q, want the panic", info.LastErr)
	}
}

func TestADrainedLaneTakesNothingMore(t *testing.T) {
	begun := make(chan string, 8)
	s := newStage(t, func(ctx context.Context, job message.Job) message.Verdict {
		begun <- job.Message.ID
		<-ctx.Done() // a wait that ends with the lane
		return message.Verdict{Next: message.Again, After: time.Hour, State: message.Waiting, Reason: "pace"}
	})
	s.put("a", "b")
	s.start()
	<-begun
	<-begun // both handlers are busy
	s.lane.Drain()
	s.put("c")
	s.lane.Stop()
	for _, id := range []string{"a", "b"} {
		s.stands(id, asynq.TaskStateRetry)
	}
	s.stands("c", asynq.TaskStatePending)
	if len(begun) != 0 {
		t.Errorf("%s was begun while the lane ended", <-begun)
	}
}

func TestStopWaitsForWhatIsBeingWritten(t *testing.T) {
	begun, written := make(chan struct{}), make(chan struct{})
	var ended atomic.Bool
	s := newStage(t, func(context.Context, message.Job) message.Verdict {
		close(begun)
		<-written // a settle that Redis takes late
		ended.Store(true)
		return message.Verdict{Next: message.Done, State: message.Accepted}
	})
	s.put("a")
	s.start()
	<-begun
	stopped := make(chan struct{})
	go func() { s.lane.Stop(); close(stopped) }()
	s.stands("a", asynq.TaskStatePending) // asynq's patience is over: it took the task back
	select {
	case <-stopped:
		t.Fatal("Stop returned while a handler was still writing")
	default:
	}
	close(written)
	<-stopped
	if !ended.Load() {
		t.Fatal("Stop returned before the handler had ended")
	}
}

func TestHealth(t *testing.T) {
	s := newStage(t, nil)
	if s.lane.Queue() != queue || s.lane.Kind() != message.Template {
		t.Errorf("got %s, %s", s.lane.Queue(), s.lane.Kind())
	}
	if s.lane.Healthy() == nil {
		t.Error("a lane that does not run says that it is well")
	}
	s.start()
	if err := s.lane.Healthy(); err != nil {
		t.Errorf("a lane that runs: %v", err)
	}
	if err := s.lane.Start(); err != nil {
		t.Errorf("a lane that runs was started once more: %v", err)
	}
	s.lane.Stop()
	if err := s.lane.Start(); err != nil || s.lane.Healthy() == nil {
		t.Errorf("a lane that has stopped goes on: %v", err)
	}
}

// TestAParkedLaneAsksForNothing: what is put into its queue stays there until
// the lane goes on, as often as it is parked.
func TestAParkedLaneAsksForNothing(t *testing.T) {
	handled := make(chan string, 10)
	s := newStage(t, func(_ context.Context, job message.Job) message.Verdict {
		handled <- job.Message.ID
		return message.Verdict{Next: message.Done}
	})
	s.start()
	defer s.lane.Stop()
	for _, id := range []string{"a", "b", "c"} {
		s.lane.Park()
		if err := s.lane.Healthy(); err != nil || !s.lane.Parked() {
			t.Fatalf("a parked lane is not well: %v", err)
		}
		s.put(id)
		select {
		case got := <-handled:
			t.Fatalf("%s was handled while the lane was parked", got)
		case <-time.After(3 * 35 * time.Millisecond):
		}
		s.stands(id, asynq.TaskStatePending)
		s.start()
		if got := <-handled; got != id {
			t.Fatalf("got %s, want %s", got, id)
		}
	}
}

// TestParkingBringsWhatRunsToItsEnd: the handler's context ends, so that it
// starts no call, and its verdict still counts.
func TestParkingBringsWhatRunsToItsEnd(t *testing.T) {
	begun := make(chan struct{})
	s := newStage(t, func(ctx context.Context, _ message.Job) message.Verdict {
		close(begun)
		<-ctx.Done()
		return message.Verdict{Next: message.Again, After: time.Hour, Reason: "parked"}
	})
	s.put("a")
	s.start()
	<-begun
	s.lane.Park()
	s.stands("a", asynq.TaskStateRetry)
	s.lane.Stop()
}
