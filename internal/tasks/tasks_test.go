package tasks_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/tasks"
)

func decode(t *testing.T, id, value string) *message.Message {
	t.Helper()
	m, err := message.Decode([]byte(`{"id":"` + id + `","account":"shop","kind":"template","body":{"touser":"o1","template_id":"t1","url":"http://weixin.qq.com/download","data":{"User":{"value":"` + value + `"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAPayloadComesBackAsItWas(t *testing.T) {
	created := time.UnixMilli(1763800000123)
	m := decode(t, "order-1", "黄先生")
	data, err := tasks.Encode(message.Job{Message: m, Created: created})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), "黄先生") {
		t.Fatalf("operators cannot read the payload: %s", data)
	}
	job, err := tasks.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if job.Message.ID != "order-1" || job.Message.Digest != m.Digest || !job.Created.Equal(created) {
		t.Fatalf("got %+v", job)
	}
}

func TestPayloadsThatAreNoneOfOurs(t *testing.T) {
	good, err := tasks.Encode(message.Job{Message: decode(t, "order-1", "x"), Created: time.UnixMilli(1)})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ payload, words string }{
		"nothing":         {"", "no JSON"},
		"no JSON":         {"\x00\xff", "no JSON"},
		"another version": {strings.Replace(string(good), `"v":1`, `"v":2`, 1), "version 2"},
		"no message":      {`{"v":1,"created_ms":1,"digest":"x"}`, "tasks.decode"},
		"a bad message":   {`{"v":1,"created_ms":1,"digest":"x","message":{"id":"a"}}`, "account"},
		"no id":           {`{"v":1,"created_ms":1,"digest":"x","message":{"account":"shop","kind":"template","body":{"touser":"o","template_id":"t","data":{"a":{"value":"1"}}}}}`, "no id"},
		"changed":         {strings.Replace(string(good), `"x"`, `"y"`, 1), "digest"},
		"no time":         {strings.Replace(string(good), `"created_ms":1`, `"created_ms":0`, 1), "created_ms"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := tasks.Decode([]byte(c.payload))
			if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.words) {
				t.Fatalf("got %v, want class invalid and the words %q", err, c.words)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	m, _ := message.Decode([]byte(`{"id":"a","account":"shop","kind":"template","body":{"touser":"o1","template_id":"t1","data":{"User":{"value":"x"}}}}`))
	good, _ := tasks.Encode(message.Job{Message: m, Created: time.UnixMilli(1)})
	f.Add(good)
	f.Add([]byte(`{"v":1,"message":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		job, err := tasks.Decode(data)
		if err != nil {
			return
		}
		again, err := tasks.Encode(job)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := tasks.Decode(again); err != nil || back.Message.Digest != job.Message.Digest {
			t.Fatalf("%v after encoding what was decoded", err)
		}
	})
}

func TestPut(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		q, inspector, ctx := tasks.NewQueue(client), asynq.NewInspectorFromRedisClient(client), t.Context()
		put := func(m *message.Message) (bool, error) { return q.Put(ctx, m, time.Now()) }

		if duplicate, err := put(decode(t, "a", "x")); err != nil || duplicate {
			t.Fatalf("a new message: got %v, %v", duplicate, err)
		}
		if duplicate, err := put(decode(t, "a", "x")); err != nil || !duplicate {
			t.Fatalf("the same again: got %v, %v, want a duplicate", duplicate, err)
		}
		if _, err := put(decode(t, "a", "y")); !fault.Is(err, fault.Conflict) {
			t.Fatalf("other content: got %v, want a conflict", err)
		}
		info, err := inspector.GetTaskInfo("shop.template", "a")
		if err != nil || info.Type != "wechat:template" || info.MaxRetry < 1<<30 {
			t.Fatalf("the task: got %+v, %v", info, err)
		}
		if err := inspector.ArchiveTask("shop.template", "a"); err != nil {
			t.Fatal(err)
		}
		if duplicate, err := put(decode(t, "a", "y")); err != nil || duplicate {
			t.Fatalf("an archived task keeps no id: got %v, %v", duplicate, err)
		}
		later := decode(t, "b", "x")
		later.SendAt = time.Now().Add(time.Hour)
		if _, err := put(later); err != nil {
			t.Fatal(err)
		}
		backlog, _, err := q.Backlog(ctx, lane)
		if err != nil || backlog["pending"] != 1 || backlog["scheduled"] != 1 {
			t.Fatalf("backlog: got %v, %v, want one pending and one scheduled", backlog, err)
		}
	})
}

func TestPutAtOnceIsOneTask(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		q := tasks.NewQueue(client)
		var fresh atomic.Int32
		var all sync.WaitGroup
		for range 50 {
			m := decode(t, "a", "x")
			all.Go(func() {
				duplicate, err := q.Put(context.Background(), m, time.Now())
				if err != nil {
					t.Error(err)
				}
				if !duplicate {
					fresh.Add(1)
				}
			})
		}
		all.Wait()
		if fresh.Load() != 1 {
			t.Fatalf("%d of 50 were told to be new, want 1", fresh.Load())
		}
	})
}

func TestVerdicts(t *testing.T) {
	if err := tasks.Result(message.Verdict{Next: message.Done}); err != nil {
		t.Fatalf("done: got %v", err)
	}
	again := tasks.Result(message.Verdict{Next: message.Again, After: 7 * time.Second, Reason: "busy"})
	if got := tasks.Delay(3, again, nil); got < 7*time.Second || got > 8*time.Second || tasks.IsFailure(again) {
		t.Fatalf("again: delay %v, failure %v", got, tasks.IsFailure(again))
	}
	if !strings.Contains(again.Error(), "busy") {
		t.Fatalf("operators see %q, want the reason", again)
	}
	stop := tasks.Result(message.Verdict{Next: message.Stop, State: message.Refused, Reason: "recipient"})
	if !errors.Is(stop, asynq.SkipRetry) || !strings.Contains(stop.Error(), "refused: recipient") {
		t.Fatalf("stop: got %v", stop)
	}
	if !tasks.IsFailure(context.DeadlineExceeded) {
		t.Fatal("a task whose deadline is over comes back for ever")
	}
	if tasks.IsFailure(asynq.ErrLeaseExpired) {
		t.Fatal("a killed worker's task costs a retry")
	}
	if got := tasks.Delay(0, asynq.ErrLeaseExpired, nil); got != 0 {
		t.Fatalf("a killed worker's task: delay %v, want 0", got)
	}
}

// lane is where the single messages of these tests wait.
var lane = message.Lane{Account: "shop", Kind: message.Template}
