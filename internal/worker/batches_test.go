package worker_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"wxdispatch/internal/config"
	"wxdispatch/internal/desk"
	"wxdispatch/internal/message"
	"wxdispatch/internal/registry"
	"wxdispatch/internal/standing"
	"wxdispatch/internal/wechat/wechattest"
)

// batchDesk is where the tests hand batches over, as apps and commands do.
func (s *stage) desk() *desk.Desk {
	return desk.New(s.redis, desk.Options{
		Known:  []registry.Account{{Name: "shop", Type: message.Official}, {Name: "mini", Type: message.MiniProgram}},
		MaxAge: 7 * 24 * time.Hour, Keep: 7 * 24 * time.Hour, By: "test",
	})
}

// hand hands n messages of a batch over, b-0 to b-(n-1).
func (s *stage) hand(d *desk.Desk, batch string, n int) {
	s.t.Helper()
	for i := range n {
		id := fmt.Sprintf("%s-%d", batch, i)
		m := decoded(s.t, `{"id":%q,"account":"shop","kind":"template","batch":%q,"body":{"touser":%q,"template_id":"tpl","data":{"User":{"value":%q}}}}`,
			id, batch, "oBatch"+id, id)
		if _, err := d.Intake.Take(s.t.Context(), m); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *stage) batch(d *desk.Desk, name string) standing.Batch {
	s.t.Helper()
	b, err := d.Batches.Show(s.t.Context(), "shop", name)
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

// wantBatch waits until a batch is done, and holds its counts against the
// records.
func (s *stage) wantBatch(d *desk.Desk, name string, total int) standing.Batch {
	s.t.Helper()
	s.until("batch "+name+" is done", func() bool { return s.batch(d, name).Done() })
	b := s.batch(d, name)
	counts := map[message.State]int{}
	for rec, err := range d.Batches.Export(s.t.Context(), "shop", name) {
		if err != nil {
			s.t.Fatal(err)
		}
		counts[rec.State]++
	}
	if b.Total != total || b.Queued != 0 || fmt.Sprint(b.Ended) != fmt.Sprint(counts) {
		s.t.Fatalf("the batch tells %+v, its records are %v of %d", b, counts, total)
	}
	return b
}

func slow(rate float64) func(*config.Config) {
	return func(cfg *config.Config) {
		a := cfg.Accounts["shop"]
		a.Rate, a.Burst = rate, 1
		cfg.Accounts["shop"] = a
	}
}

// TestABatchGoesOutAndIsDone: with two workers, beside single messages.
func TestABatchGoesOutAndIsDone(t *testing.T) {
	s := faultStage(t)
	one, two := s.worker(), s.worker()
	d := s.desk()
	s.hand(d, "spring", 200)
	s.put(orders(t, 50)...)
	b := s.wantBatch(d, "spring", 200)
	if b.State != "done" || b.Accepted != 200 || b.DoneAt.IsZero() {
		t.Fatalf("the batch stands as %+v", b)
	}
	s.delivered(250)
	s.stop(one)
	s.stop(two)
	s.eachOnce(250)
	if n, err := d.Batches.List(t.Context(), "shop"); err != nil || len(n) != 1 {
		t.Fatalf("the list has %v, %v", n, err)
	}
}

// TestAPausedBatchLeavesTheRestAlone: nothing of it is called or moved, another
// batch and single messages go, and it goes on where it stood.
func TestAPausedBatchLeavesTheRestAlone(t *testing.T) {
	s := faultStage(t)
	d := s.desk()
	s.hand(d, "held", 300)
	if _, err := d.Batches.Pause(t.Context(), "shop", "held"); err != nil {
		t.Fatal(err)
	}
	w := s.worker()
	s.hand(d, "free", 100)
	s.put(orders(t, 50)...)
	s.wantBatch(d, "free", 100)
	s.delivered(150)
	s.until("the pause shows in asynq", func() bool { return s.paused("shop.template.held") })
	if b := s.batch(d, "held"); b.State != "paused" || b.Queued != 300 || b.Total != 300 || s.sim.Stats().Deliveries != 150 {
		t.Fatalf("the paused batch stands as %+v, and %d phones rang", b, s.sim.Stats().Deliveries)
	}
	info, err := s.inspector().GetQueueInfo("shop.template.held")
	if err != nil || info.Pending != 300 || info.Retry != 0 {
		t.Fatalf("its queue was churned: %+v, %v", info, err)
	}
	if _, err := d.Batches.Resume(t.Context(), "shop", "held"); err != nil {
		t.Fatal(err)
	}
	s.wantBatch(d, "held", 300)
	s.stop(w)
	s.eachOnce(450)
	if s.paused("shop.template.held") {
		t.Fatal("the queue is paused still")
	}
}

// TestACancelledBatchSendsNothingMore: what was not sent by then ends as
// cancelled, whoever clears it, and each message has ended once.
func TestACancelledBatchSendsNothingMore(t *testing.T) {
	for _, by := range []string{"the command", "a worker"} {
		t.Run(by, func(t *testing.T) {
			s := faultStage(t)
			d := s.desk()
			w := s.worker(slow(50))
			s.hand(d, "spring", 1000)
			s.until("some were sent", func() bool { return s.sim.Stats().Deliveries > 5 })
			ctx, cancel := context.WithCancel(t.Context())
			if _, err := d.Batches.Cancel(ctx, "shop", "spring", func(int) {
				if by == "a worker" {
					cancel() // the command dies after its first page
				}
			}); by == "the command" && err != nil {
				t.Fatal(err)
			}
			cancel()
			sent := s.sim.Stats().Deliveries
			b := s.wantBatch(d, "spring", 1000)
			if b.State != "cancelled" || b.Ended[message.Cancelled]+b.Accepted != 1000 {
				t.Fatalf("the batch stands as %+v", b)
			}
			// Calls that had begun when the mark was set may still have come.
			if now := s.sim.Stats().Deliveries; int(now) != b.Accepted || now-sent > 5 {
				t.Fatalf("%d phones rang by the cancelling, %d after it; %d were accepted", sent, now, b.Accepted)
			}
			m := decoded(t, `{"id":"late","account":"shop","kind":"template","batch":"spring","body":{"touser":"oLate","template_id":"tpl","data":{"User":{"value":"x"}}}}`)
			if _, err := s.desk().Intake.Take(t.Context(), m); err == nil {
				t.Fatal("a cancelled batch took a message")
			}
			if list, err := d.Batches.List(t.Context(), "shop"); err != nil || len(list) != 1 || list[0].State != "cancelled" {
				t.Fatalf("the list has %v, %v", list, err)
			}
			s.stop(w)
		})
	}
}

// TestABatchesCountsAreItsRecords: whatever its messages meet, and though a
// worker is killed in the middle and another goes on.
func TestABatchesCountsAreItsRecords(t *testing.T) {
	s := faultStage(t)
	d := s.desk()
	s.sim.Inject(wechattest.Fault{AppID: "wxshop", Code: 43004, Times: 20})
	s.sim.Inject(wechattest.Fault{AppID: "wxshop", Code: -1, Times: 5})
	first := s.worker(slow(200))
	s.hand(d, "spring", 400)
	s.until("some were sent", func() bool { return s.sim.Stats().Deliveries > 50 })
	s.stop(first)
	second := s.worker()
	if _, err := d.Canceller.Cancel(t.Context(), "shop", "spring-399"); err != nil {
		t.Logf("spring-399: %v", err) // it may have gone
	}
	b := s.wantBatch(d, "spring", 400)
	for state := range b.Ended {
		if !state.Final() {
			t.Fatalf("it counts %s", state)
		}
	}
	for rec, err := range d.Batches.Export(t.Context(), "shop", "spring") {
		if err != nil {
			t.Fatal(err)
		}
		if rec.State == message.Refused {
			if _, err := d.Replayer.Replay(t.Context(), "shop", rec.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	b = s.wantBatch(d, "spring", 400)
	if b.Ended[message.Refused] != 0 {
		t.Fatalf("after the replay it stands as %+v", b)
	}
	s.stop(second)
}
