package tasks_test

import (
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/tasks"
)

const parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

// traced is a message that carries a trace.
func traced(t *testing.T, id, trace string) *message.Message {
	m := decode(t, id, "x")
	m.Trace = trace
	return m
}

func TestATraceIsCarriedBesideThePayload(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		queue, created := tasks.NewQueue(client), time.UnixMilli(1763800000123)
		if _, err := queue.Put(t.Context(), traced(t, "one", parent), created); err != nil {
			t.Fatal(err)
		}
		for _, done := range queue.EnqueueMany(t.Context(), []message.Job{{Message: traced(t, "two", parent), Created: created},
			{Message: traced(t, "none", ""), Created: created}, {Message: traced(t, "bad", "00-x\r\n"), Created: created}}) {
			if done.Err != nil || done.Duplicate {
				t.Fatal(done)
			}
		}
		for id, want := range map[string]string{"one": parent, "two": parent, "none": "", "bad": ""} {
			info, err := asynq.NewInspectorFromRedisClient(client).GetTaskInfo("shop.template", id)
			if err != nil {
				t.Fatal(err)
			}
			if payload, err := tasks.Encode(message.Job{Message: decode(t, id, "x"), Created: created}); err != nil || string(info.Payload) != string(payload) {
				t.Errorf("%s: the payload is %s, %v", id, info.Payload, err)
			}
			job, err := tasks.Read(asynq.NewTaskWithHeaders(info.Type, info.Payload, info.Headers))
			if err != nil || job.Message.Trace != want || want == "" && len(info.Headers) > 0 {
				t.Errorf("%s carries %q and %v, %v", id, job.Message.Trace, info.Headers, err)
			}
			if held, err := queue.Held(t.Context(), decode(t, id, "x").Lane(), id); err != nil || held.Message.Trace != want {
				t.Errorf("%s is held with %+v, %v", id, held.Message, err)
			}
		}
		// The same content is the same message, whatever trace it comes in.
		if again, err := queue.Put(t.Context(), traced(t, "one", ""), created); err != nil || !again {
			t.Errorf("again %v, %v", again, err)
		}
		if again := queue.EnqueueMany(t.Context(), []message.Job{{Message: traced(t, "none", parent), Created: created}}); again[0].Err != nil || !again[0].Duplicate {
			t.Errorf("again %+v", again)
		}
	})
}
