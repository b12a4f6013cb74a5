package worker_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"wxdispatch/internal/config"
	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat/wechattest"
)

// The faults of a run: between begin and settle.

func TestABeginWhoseAnswerIsLostIsAskedAgain(t *testing.T) {
	s := faultStage(t)
	var lost, runs atomic.Int32
	w := s.tapped(func(_ context.Context, c script, pass func() error) error {
		err := pass()
		if c.name != "begin" || err != nil {
			return err
		}
		runs.Add(1)
		if lost.CompareAndSwap(0, 1) {
			return broken() // it was written; nobody heard
		}
		return nil
	})
	m := subscribe(t, "a", "oMini")
	s.put(m)
	if rec := s.wantEnd(m, message.Accepted, ""); rec.Attempts != 1 {
		t.Errorf("%d attempts, want 1", rec.Attempts)
	}
	s.gone(m)
	s.stop(w)
	if runs.Load() != 2 {
		t.Errorf("begin was asked %d times, want twice", runs.Load())
	}
	s.eachOnce(1)
}

func TestASecondRunWhileTheFirstIsAlive(t *testing.T) {
	s := faultStage(t)
	one, two := s.worker(patient), s.assembled(patient)
	s.sim.Inject(wechattest.Fault{Mode: wechattest.ModeLate, Delay: 2 * time.Second})
	m := subscribe(t, "a", "oMini")
	s.put(m)
	s.called(1)
	verdict := two.Handle(t.Context(), message.Job{Message: m, Created: time.Now()})
	if verdict.Next != message.Again || verdict.Reason != "sending" || verdict.After <= 0 {
		t.Errorf("the second run: %+v, want that it is put off because the first is sending", verdict)
	}
	if rec := s.wantEnd(m, message.Accepted, ""); rec.Attempts != 1 {
		t.Errorf("%d attempts, want 1", rec.Attempts)
	}
	s.isOver(two, m)
	s.stop(one)
	s.stop(two)
	s.eachOnce(1)
}

func TestLateSettles(t *testing.T) {
	s := faultStage(t)
	s.sim.Block("wxmini", "oGone", 43101)
	heard := make(chan struct{}) // closes when the first worker's Redis comes back
	quick := func(cfg *config.Config) { setTimeout(cfg, 500*time.Millisecond) }
	cutOff := s.tapped(func(ctx context.Context, c script, pass func() error) error {
		if c.name == "settle" {
			select {
			case <-heard:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return pass()
	}, quick)
	ok, refused, again := subscribe(t, "ok", "oMini"), subscribe(t, "refused", "oGone"), template(t, "again", "oShop")
	s.put(ok, refused, again)
	s.called(3)
	other := s.worker(quick)
	// The first worker's runs are over their time: the other takes over.
	s.wantEnd(ok, message.InDoubt, "worker_died")
	s.wantEnd(refused, message.InDoubt, "worker_died")
	s.wantEnd(again, message.Accepted, "")
	close(heard)
	s.until("the late ok counts", func() bool {
		rec, err := s.book().Record(t.Context(), "mini", "ok")
		return err == nil && rec.State == message.Accepted
	})
	s.stop(cutOff) // after it no settle is under way
	s.wantEnd(refused, message.InDoubt, "worker_died")
	s.wantEnd(again, message.Accepted, "")
	s.stop(other)
	s.eachOnce(2)
}

func TestAKilledWorkersMessagesAreRescuedPastTheQueue(t *testing.T) {
	s := faultStage(t)
	const before = 5000
	var queue []*message.Message
	for i := range before {
		queue = append(queue, template(t, fmt.Sprint("t-", i), fmt.Sprint("oShop", i)))
	}
	s.put(queue...)
	safe, unsafe := template(t, "safe", "oSafe"), subscribe(t, "unsafe", "oUnsafe")
	s.put(safe, unsafe)
	s.dead(safe, 9*time.Minute)
	s.dead(unsafe, message.Never)

	w := s.worker(func(cfg *config.Config) {
		a := cfg.Accounts["shop"]
		a.Rate, a.Burst, a.Concurrency = 100, 1, 10
		cfg.Accounts["shop"] = a
	})
	rec := s.wantEnd(safe, message.Accepted, "")
	if stats := s.sim.Stats(); stats.Deliveries > before/2 {
		t.Errorf("%d messages went before it; want that it did not wait for the queue", stats.Deliveries)
	}
	if rec.Attempts != 1 {
		t.Errorf("%d attempts, want 1: a run that died costs none", rec.Attempts)
	}
	if info, err := s.inspector().GetTaskInfo("shop.template", safe.ID); err != nil || info.Retried != 0 {
		t.Errorf("its task: %+v, %v; want it where it stood, without a retry", info, err)
	}
	s.wantEnd(unsafe, message.InDoubt, "worker_died")
	s.stop(w)
	if n := s.sim.Stats().Doubled; n != 0 {
		t.Errorf("%d messages were doubled", n)
	}
}
