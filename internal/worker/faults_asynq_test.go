package worker_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"wxdispatch/internal/config"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
	"wxdispatch/internal/wechat/wechattest"
	"wxdispatch/internal/worker"
)

// The faults that are asynq's own, or that asynq makes of Redis's.

func TestASuccessThatAsynqCouldNotRecord(t *testing.T) {
	s := faultStage(t)
	var runs, failed atomic.Int32
	w := s.tapped(func(_ context.Context, c script, pass func() error) error {
		if c.name == "done" && failed.CompareAndSwap(0, 1) {
			return broken()
		}
		err := pass()
		if c.name == "begin" && err == nil {
			runs.Add(1)
		}
		return err
	})
	m := subscribe(t, "a", "oMini")
	s.put(m)
	s.gone(m) // asynq by itself would run it again after a minute
	s.wantEnd(m, message.Accepted, "")
	if runs.Load() != 1 || failed.Load() != 1 {
		t.Errorf("the message was begun %d times after %d failures, want once after one", runs.Load(), failed.Load())
	}
	s.stop(w)
	s.eachOnce(1)
}

func TestAWorkerThatStopsWhileItSends(t *testing.T) {
	for name, c := range map[string]struct {
		patience time.Duration // shutdown_timeout
		answer   time.Duration // what WeChat takes
	}{
		"the answer comes in time":                        {20 * time.Second, 500 * time.Millisecond},
		"asynq puts the task back while the call goes on": {2500 * time.Millisecond, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			s := faultStage(t)
			settings := func(cfg *config.Config) { patient(cfg); cfg.Worker.ShutdownTimeout = c.patience }
			ending, other := s.worker(settings), s.assembled(settings)
			s.sim.Inject(wechattest.Fault{Mode: wechattest.ModeLate, Delay: c.answer})
			m := subscribe(t, "a", "oMini")
			s.put(m)
			s.called(1)
			s.start(other) // takes whatever is put back
			s.stop(ending)
			s.wantEnd(m, message.Accepted, "")
			s.isOver(other, m)
			s.stop(other)
			s.eachOnce(1)
		})
	}
}

// isOver asks for one more run of a message that has ended: it sends nothing.
func (s *stage) isOver(w *worker.Worker, m *message.Message) {
	s.t.Helper()
	verdict := w.Handle(s.t.Context(), message.Job{Message: m, Created: time.Now()})
	if verdict.Next != message.Done {
		s.t.Fatalf("one more run of %s: %+v, want done", m.ID, verdict)
	}
}

func TestATaskWhoseTimeIsOverWhileItIsSent(t *testing.T) {
	for name, limit := range map[string]func() asynq.Option{
		"timeout":  func() asynq.Option { return asynq.Timeout(time.Second) },
		"deadline": func() asynq.Option { return asynq.Deadline(time.Now().Add(time.Second + 500*time.Millisecond)) },
	} {
		t.Run(name, func(t *testing.T) {
			s := faultStage(t)
			w := s.worker(patient)
			s.sim.Inject(wechattest.Fault{Mode: wechattest.ModeLate, Delay: 2500 * time.Millisecond})
			m := subscribe(t, "a", "oMini")
			s.byHand(m, limit(), asynq.MaxRetry(3))
			if rec := s.wantEnd(m, message.Accepted, ""); rec.Attempts != 1 {
				t.Errorf("%d attempts, want 1", rec.Attempts)
			}
			s.isOver(w, m) // asynq threw the result away and runs it again
			if name == "deadline" {
				s.archived(s.inspector(), "mini.subscribe", m.ID) // and not for ever
			}
			s.stop(w)
			s.eachOnce(1)
		})
	}
}

func TestATaskWhoseRetriesAreUsedUpIsNotLost(t *testing.T) {
	s := faultStage(t)
	w := s.worker(func(cfg *config.Config) { cfg.Retry.MinDelay, cfg.Retry.MaxDelay = time.Minute, time.Minute })
	s.sim.Inject(wechattest.Fault{Code: -1, Times: 1})
	m := subscribe(t, "a", "oMini")
	s.byHand(m, asynq.MaxRetry(0)) // asynq archives even a postponement
	s.archived(s.inspector(), "mini.subscribe", m.ID)
	s.waits(m)
	tidy := s.tidier(w, "mini")
	tidy()
	s.archived(s.inspector(), "mini.subscribe", m.ID) // not due yet
	tidy()
	if rec := s.wantEnd(m, message.Accepted, ""); rec.Attempts != 2 {
		t.Errorf("%d attempts, want 2", rec.Attempts)
	}
	s.gone(m)
	s.stop(w)
	s.eachOnce(1)
}

// manyBadEnds is more than asynq's archive holds.
const manyBadEnds = 10_050

func TestEveryBadEndIsKeptThoughAsynqDropsThem(t *testing.T) {
	s := faultStage(t)
	all := make([]*message.Message, manyBadEnds)
	for i := range all {
		all[i] = template(t, fmt.Sprint("t-", i), "oGone")
	}
	s.put(all...)
	s.refused(all)
	dropped := all[:3] // the oldest are those that asynq drops
	for _, m := range dropped {
		if err := s.book().KeepPayload(t.Context(), m, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.inspector().ArchiveAllPendingTasks("shop.template"); err != nil {
		t.Fatal(err)
	}
	info, err := s.inspector().GetQueueInfo("shop.template")
	if err != nil || info.Archived >= manyBadEnds {
		t.Fatalf("asynq keeps %+v, %v: the test is about an archive that dropped some", info, err)
	}

	listed := map[string]bool{}
	for rec, err := range s.book().Ends(t.Context(), "shop", ledger.Filter{State: message.Refused}) {
		if err != nil {
			t.Fatal(err)
		}
		listed[rec.ID] = true
	}
	if len(listed) != manyBadEnds {
		t.Fatalf("%d bad ends are listed, want all %d; asynq's archive has %d", len(listed), manyBadEnds, info.Archived)
	}

	// What asynq dropped can be sent again all the same.
	w := s.worker()
	for _, m := range dropped {
		s.replayed(m)
	}
	s.tidier(w, "shop")()
	for _, m := range dropped {
		s.wantEnd(m, message.Accepted, "")
	}
	s.stop(w)
	s.eachOnce(3)
}

// refused ends messages as WeChat's refusals end them, without the calls.
func (s *stage) refused(messages []*message.Message) {
	s.t.Helper()
	var all sync.WaitGroup
	defer all.Wait()
	work, book := make(chan *message.Message), s.book()
	defer close(work)
	for range 16 {
		all.Go(func() {
			for m := range work {
				if err := refuse(book, m); err != nil {
					s.t.Error(err)
				}
			}
		})
	}
	for _, m := range messages {
		work <- m
	}
}

func refuse(book *ledger.Ledger, m *message.Message) error {
	ctx, gone := context.Background(), message.Outcome{State: message.Refused, Reason: "recipient"}
	if _, err := book.Begin(ctx, message.Attempt{Run: "r", Message: m, Created: time.Now(), Window: time.Hour, MaxAttempts: 3, Keep: time.Hour}); err != nil {
		return err
	}
	_, err := book.Settle(ctx, message.Settlement{Run: "r", Message: m, Clear: gone, Doubt: gone, Keep: time.Hour,
		Answer: message.Answer{Class: fault.Recipient, Code: 43004}})
	return err
}

// replayed starts a message's next life; its task is not in the queue yet.
func (s *stage) replayed(m *message.Message) {
	s.t.Helper()
	change, err := s.book().Replay(s.t.Context(), m.Account, m.ID, 1, time.Now().Add(time.Minute))
	if err != nil || !change.Changed {
		s.t.Fatalf("replay of %s: %+v, %v", m.ID, change, err)
	}
}

func TestAnArchivedTaskKeepsNoMessageFromItsId(t *testing.T) {
	s := faultStage(t)
	w := s.worker()
	s.sim.Block("wxmini", "oGone", 43101)
	replay, renewed := subscribe(t, "replay", "oGone"), subscribe(t, "new", "oGone")
	s.put(replay, renewed)
	for _, m := range []*message.Message{replay, renewed} {
		s.wantEnd(m, message.Refused, "recipient")
		s.archived(s.inspector(), "mini.subscribe", m.ID)
	}

	s.sim.Block("wxmini", "oGone", 0)
	s.replayed(replay)
	s.put(replay)
	s.wantEnd(replay, message.Accepted, "")

	// message.keep is over: the record is gone, the archived task is not.
	s.redis.Del(t.Context(), keys.Record("mini", "new"))
	other := subscribe(t, "new", "oOther")
	s.put(other)
	s.wantEnd(other, message.Accepted, "")
	s.stop(w)
	s.eachOnce(2)
}

func TestATaskThatIsRunAgainByHandSendsNothing(t *testing.T) {
	s := faultStage(t)
	w := s.worker()
	s.sim.Block("wxmini", "oGone", 43101)
	s.sim.Inject(wechattest.Fault{OpenID: "oGarbage", Mode: wechattest.ModeGarbage, Counted: true})
	refused, arrived := subscribe(t, "refused", "oGone"), subscribe(t, "arrived", "oGarbage")
	s.put(refused, arrived)
	s.wantEnd(refused, message.Refused, "recipient")
	s.wantEnd(arrived, message.InDoubt, "unanswered")
	for _, m := range []*message.Message{refused, arrived} {
		s.archived(s.inspector(), "mini.subscribe", m.ID)
	}
	// A person saw on a phone that it came.
	if _, err := s.book().Resolve(t.Context(), "mini", "arrived", ledger.Sent, "anna", time.Hour); err != nil {
		t.Fatal(err)
	}
	s.sim.ClearFaults()
	s.sim.Block("wxmini", "oGone", 0)
	calls := s.sim.Stats().Calls

	for _, m := range []*message.Message{refused, arrived} {
		if err := s.inspector().RunTask("mini.subscribe", m.ID); err != nil {
			t.Fatal(err)
		}
	}
	s.gone(arrived)
	s.archived(s.inspector(), "mini.subscribe", refused.ID)
	s.wantEnd(arrived, message.Accepted, "anna")
	s.wantEnd(refused, message.Refused, "recipient")
	s.stop(w)
	if !strings.Contains(s.logs.String(), "use enqueue replay") {
		t.Error("the log does not name what sends it again")
	}
	if now := s.sim.Stats().Calls; now != calls {
		t.Errorf("WeChat was called %d times more, want none", now-calls)
	}
	s.eachOnce(1)
}
