package lane_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hibiken/asynq"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/lane"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/store"
	"wxdispatch/internal/tasks"
)

func TestSoManyPlacesAreThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		places := 2
		g := lane.NewGate(func() int { return places })
		enter := func(want ...bool) {
			t.Helper()
			for i, want := range want {
				if got := g.Enter(); got != want {
					t.Fatalf("entry %d: %v, want %v", i, got, want)
				}
			}
		}
		enter(true, true, false)
		g.Leave() // the queue was empty
		enter(true, false)
		places = 3
		enter(true, false)
		time.Sleep(6 * time.Second) // tasks that never came to a handler
		enter(true, true, true, false)
	})
}

// slots hands one out for each token.
type slots chan struct{}

func (s slots) Slot(ctx context.Context, _ bool) (func(), time.Time, error) {
	select {
	case <-s:
		return func() {}, time.Time{}, nil
	case <-ctx.Done():
		return nil, time.Time{}, ctx.Err()
	}
}

func (s slots) Answered(fault.Class) {}

// What the pace does not let through soon stays in the queue, where order,
// operators and other workers have it.
func TestALaneTakesOnlyWhatThePaceLetsThrough(t *testing.T) {
	client := redistest.Mini(t)
	gate, free := lane.NewGate(func() int { return 2 }), make(slots)
	pace := gate.Paced(free)
	var sent atomic.Int32
	done, release := make(chan string, 10), make(chan struct{})
	s := &stage{t: t, redis: client, queue: tasks.NewQueue(client), inspector: asynq.NewInspectorFromRedisClient(client), logs: &lockedBuffer{}}
	s.lane = lane.New(lane.Options{
		Lane: message.Lane{Account: "shop", Kind: message.Template}, Concurrency: 10, ShutdownTimeout: time.Second, Gate: gate,
		NewServer: func(e lane.Entrance, c asynq.Config) lane.Server {
			return asynq.NewServerFromRedisClient(store.NewGated(client, e), c)
		},
		Dispatcher: handler(func(ctx context.Context, job message.Job) message.Verdict {
			if _, _, err := pace.Slot(ctx, false); err != nil {
				return message.Verdict{Next: message.Again, After: time.Hour, State: message.Queued, Reason: "pace"}
			}
			sent.Add(1)
			done <- job.Message.ID
			<-release // a call that takes its time holds no place
			return message.Verdict{Next: message.Done, State: message.Accepted}
		}),
		Log: slog.New(slog.DiscardHandler),
	})
	ids := []string{"a", "b", "c", "d", "e", "f"}
	s.put(ids...)
	s.start()
	taken := func(want int) {
		t.Helper()
		s.until("the lane has taken as many as it may", func() bool {
			info, err := s.inspector.GetQueueInfo(queue)
			if err == nil && info.Active > want {
				t.Fatalf("%d are taken, want %d", info.Active, want)
			}
			return err == nil && info.Active == want
		})
	}
	taken(2)
	for i := range ids {
		free <- struct{}{}
		<-done
		taken(min(i+3, len(ids)))
	}
	close(release)
	for _, id := range ids {
		s.gone(id)
	}
	s.lane.Stop()
}
