package worker_test

import (
	"testing"
	"time"

	"wxdispatch/internal/config"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/message"
	"wxdispatch/internal/registry"
	"wxdispatch/internal/wechat/wechattest"
)

// The faults between queue and ledger, which no one script can change together.

func TestAReplayThatWasCutShortIsPutBack(t *testing.T) {
	s := faultStage(t)
	w := s.worker()
	s.sim.Block("wxmini", "oGone", 43101)
	m := subscribe(t, "a", "oGone")
	s.put(m)
	s.wantEnd(m, message.Refused, "recipient")
	s.archived(s.inspector(), "mini.subscribe", m.ID)
	s.sim.Block("wxmini", "oGone", 0)

	s.replayed(m) // and whoever did it died before it was in the queue
	tidy := s.tidier(w, "mini")
	tidy()
	s.wantEnd(m, message.Accepted, "")
	tidy()
	s.gone(m)
	s.stop(w)
	s.eachOnce(1)
}

func TestATaskDeletedInTheWebUIEndsItsMessage(t *testing.T) {
	s := faultStage(t)
	w := s.worker(func(cfg *config.Config) { cfg.Retry.MinDelay, cfg.Retry.MaxDelay = time.Hour, time.Hour })
	s.sim.Inject(wechattest.Fault{Code: -1})
	m := subscribe(t, "a", "oMini")
	s.put(m)
	s.waits(m)
	s.until("the task is back in the queue", func() bool { return s.inspector().DeleteTask("mini.subscribe", m.ID) == nil })
	tidy := s.tidier(w, "mini")
	tidy()
	if rec, err := s.book().Record(t.Context(), "mini", "a"); err != nil || rec.State != message.Waiting {
		t.Fatalf("after one look: %+v, %v; want that it still waits: its task may be on its way", rec, err)
	}
	tidy()
	s.wantEnd(m, message.Cancelled, "task_gone")
	s.stop(w)
	s.eachOnce(0)
}

func TestExpiredAndCancelledMessagesAreNeverSent(t *testing.T) {
	s := faultStage(t)
	now := time.Now()
	old := template(t, "old", "oA")
	expires := decoded(t, `{"id":"expires","account":"shop","kind":"template","expires_at":"2020-01-22T20:00:00+08:00",
		"body":{"touser":"oB","template_id":"tpl","data":{"User":{"value":"x"}}}}`)
	cancelled, waiting, good := template(t, "cancelled", "oC"), template(t, "waiting", "oD"), template(t, "good", "oE")
	s.sim.Inject(wechattest.Fault{OpenID: "oD", Code: -1, Times: 1})
	if _, err := s.queue.Put(t.Context(), old, now.Add(-8*24*time.Hour)); err != nil { // max_age is 7 days
		t.Fatal(err)
	}
	s.put(expires, cancelled)
	s.cancelled(cancelled)
	w := s.worker(func(cfg *config.Config) { cfg.Retry.MinDelay, cfg.Retry.MaxDelay = time.Hour, time.Hour })
	s.put(waiting)
	s.waits(waiting)
	s.cancelled(waiting)
	s.put(good)
	s.until("the task that waits can be run by hand", func() bool { return s.inspector().RunTask("shop.template", "waiting") == nil })

	s.wantEnd(old, message.Expired, "expired")
	s.wantEnd(expires, message.Expired, "expired")
	s.wantEnd(cancelled, message.Cancelled, "cancelled")
	s.wantEnd(good, message.Accepted, "")
	s.gone(cancelled)
	s.gone(waiting)
	s.wantEnd(waiting, message.Cancelled, "cancelled")
	s.stop(w)
	s.eachOnce(1)
}

func (s *stage) cancelled(m *message.Message) {
	s.t.Helper()
	change, err := s.book().Cancel(s.t.Context(), message.Job{Message: m, Created: time.Now()}, time.Now().Add(time.Hour), time.Hour)
	if err != nil || !change.Changed {
		s.t.Fatalf("cancel %s: %+v, %v", m.ID, change, err)
	}
}

func TestTheSameIdAgainAfterAsynqForgotIt(t *testing.T) {
	s := faultStage(t)
	w := s.worker()
	s.sim.Block("wxmini", "oGone", 43101)
	good, bad := subscribe(t, "good", "oMini"), subscribe(t, "bad", "oGone")
	door := intake.Intake{Accounts: registry.New(s.redis), Book: s.book(), Queue: s.queue, Now: time.Now, NewID: intake.ULID}
	for _, m := range []*message.Message{good, bad} {
		if got, err := door.Take(t.Context(), m); err != nil || got.Duplicate {
			t.Fatalf("%s, new: %+v, %v", m.ID, got, err)
		}
	}
	s.wantEnd(good, message.Accepted, "")
	s.wantEnd(bad, message.Refused, "recipient")
	s.gone(good)
	s.archived(s.inspector(), "mini.subscribe", bad.ID)
	if err := s.inspector().DeleteTask("mini.subscribe", bad.ID); err != nil {
		t.Fatal(err)
	}
	for m, state := range map[*message.Message]message.State{good: message.Accepted, bad: message.Refused} {
		if got, err := door.Take(t.Context(), m); err != nil || !got.Duplicate || got.State != state {
			t.Errorf("%s again: %+v, %v; want a duplicate that is %s", m.ID, got, err, state)
		}
		if _, err := door.Take(t.Context(), subscribe(t, m.ID, "oOther")); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s with other content: %v, want a conflict", m.ID, err)
		}
	}
	s.stop(w)
	s.eachOnce(1)
}

func TestTheRuleEndsDoubts(t *testing.T) {
	for then, want := range map[string]struct {
		state  message.State
		reason string
		rings  int
	}{
		config.ThenDrop:   {message.Failed, "rule", 0},
		config.ThenResend: {message.Accepted, "", 1},
	} {
		t.Run(then, func(t *testing.T) {
			s := faultStage(t)
			w := s.worker(func(cfg *config.Config) {
				a := cfg.Accounts["mini"]
				a.InDoubt = config.InDoubt{After: time.Millisecond, Then: then}
				cfg.Accounts["mini"] = a
			})
			s.sim.Inject(wechattest.Fault{Mode: wechattest.ModeCut, Times: 1})
			m := subscribe(t, "a", "oMini")
			s.put(m)
			s.wantEnd(m, message.InDoubt, "unanswered")
			s.archived(s.inspector(), "mini.subscribe", m.ID)
			s.tidier(w, "mini")()
			s.wantEnd(m, want.state, want.reason)
			s.stop(w)
			s.eachOnce(want.rings)
		})
	}
}
