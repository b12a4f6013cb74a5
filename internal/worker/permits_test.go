package worker_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"wxdispatch/internal/config"
	"wxdispatch/internal/desk"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
	"wxdispatch/internal/permit"
	"wxdispatch/internal/registry"
	"wxdispatch/internal/wechat/wechattest"
)

// What an app and its user notice of permits, with the stand-in counting.

// producer is an app's way in.
func (s *stage) producer() *desk.Desk {
	return desk.New(s.redis, desk.Options{Known: []registry.Account{{Name: "mini", Type: message.MiniProgram}}, MaxAge: 7 * 24 * time.Hour, Keep: time.Hour, By: "app"})
}

// collected are permits that the user's phone handed out, known to WeChat and
// to the ledger: in that order they end.
func (s *stage) collected(openid string, codes ...string) {
	s.t.Helper()
	first := time.Now().Add(-time.Hour)
	for i, code := range codes {
		g := permit.Grant{OpenID: openid, Code: code, Type: message.PermitTypeOf(code), IssuedAt: first.Add(time.Duration(i) * time.Minute)}
		if g.Type == message.PaymentPermit {
			s.sim.GrantPayment("wxmini", openid, code)
		} else {
			s.sim.GrantForm("wxmini", openid, code)
		}
		if _, err := s.book().AddPermits(s.t.Context(), "mini", []permit.Grant{g}); err != nil {
			s.t.Fatal(err)
		}
	}
}

// left counts the uses that are neither spent nor held.
func (s *stage) left(openid string) int {
	s.t.Helper()
	standing, err := s.book().Permits(s.t.Context(), "mini", openid)
	if err != nil {
		s.t.Fatal(err)
	}
	n := 0
	for _, p := range standing {
		n += p.Left
	}
	return n
}

func (s *stage) wantLeft(openid string, want int) {
	s.t.Helper()
	if got := s.left(openid); got != want {
		s.t.Errorf("%d uses are left to %s, want %d", got, openid, want)
	}
}

func wxopen(t *testing.T, id, openid, rest string) *message.Message {
	return decoded(t, `{"id":%q,"account":"mini","kind":"wxopen","body":{"touser":%q,"template_id":"t","data":{"keyword1":{"value":%q}}%s}}`, id, openid, id, rest)
}

func (s *stage) take(d *desk.Desk, m *message.Message) {
	s.t.Helper()
	if got, err := d.Intake.Take(s.t.Context(), m); err != nil || got.State == "" {
		s.t.Fatalf("take %s: %+v, %v", m.ID, got, err)
	}
}

// Three hundred messages for two hundred uses: WeChat counts two hundred, and
// the apps hear of the rest at once.
func TestEachUseIsSpentOnce(t *testing.T) {
	s := faultStage(t)
	for user := range 10 {
		openid := fmt.Sprintf("o%d", user)
		var codes []string
		for i := range 5 {
			codes = append(codes, fmt.Sprintf("form-%d-%d", user, i), fmt.Sprintf("wx2026%d%d", user, i))
		}
		s.collected(openid, codes...)
	}
	first, second := s.worker(), s.worker()
	d := s.producer()
	var taken, refused []string
	var mu sync.Mutex
	var apps sync.WaitGroup
	for user := range 10 {
		apps.Go(func() {
			for i := range 30 {
				m := wxopen(t, fmt.Sprintf("m-%d-%d", user, i), fmt.Sprintf("o%d", user), "")
				_, err := d.Intake.Take(t.Context(), m)
				mu.Lock()
				switch {
				case err == nil:
					taken = append(taken, m.ID)
				case fault.Is(err, fault.Unpermitted) && strings.Contains(err.Error(), "nothing is left"):
					refused = append(refused, m.ID)
				default:
					t.Errorf("%s: %v", m.ID, err)
				}
				mu.Unlock()
			}
		})
	}
	apps.Wait()
	if len(taken) != 200 || len(refused) != 100 {
		t.Fatalf("%d taken, %d refused, want 200 and 100", len(taken), len(refused))
	}
	for _, id := range taken {
		if rec := s.ended("mini", id); rec.State != message.Accepted {
			t.Errorf("%s ended %s %s", id, rec.State, rec.Reason)
		}
	}
	s.stop(first)
	s.stop(second)
	s.eachOnce(200)
}

func TestADeadPermitMakesRoomForTheNext(t *testing.T) {
	s := faultStage(t)
	s.collected("oUser", "form-1", "form-2", "form-3")
	s.sim.ExpirePermit("wxmini", "form-1")
	s.sim.ExpirePermit("wxmini", "form-2")
	d, m := s.producer(), wxopen(t, "a", "oUser", "")
	s.take(d, m)
	s.wantLeft("oUser", 2)
	w := s.worker()
	if rec := s.wantEnd(m, message.Accepted, ""); rec.Attempts != 1 {
		t.Errorf("%d attempts, want 1: dead permits do not count", rec.Attempts)
	}
	s.wantLeft("oUser", 0)
	named := wxopen(t, "b", "oUser", `,"form_id":"form-1"`)
	if _, err := d.Intake.Take(t.Context(), named); !fault.Is(err, fault.Unpermitted) || !strings.Contains(err.Error(), "is void") {
		t.Errorf("a form that WeChat refused: %v, want unpermitted and why", err)
	}
	s.stop(w)
	s.eachOnce(1)
}

func TestTheLastPermitDiesAtWeChat(t *testing.T) {
	s := faultStage(t)
	s.collected("oUser", "form-1")
	s.sim.ExpirePermit("wxmini", "form-1")
	m := wxopen(t, "a", "oUser", "")
	s.take(s.producer(), m)
	w := s.worker()
	s.wantEnd(m, message.Unpermitted, "permit")
	s.stop(w)
}

func TestWhatGivesAPermitBack(t *testing.T) {
	s := faultStage(t)
	s.sim.Block("wxmini", "oUser", 40003)
	s.collected("oUser", "wx1")
	d := s.producer()
	refused := wxopen(t, "refused", "oUser", "")
	s.take(d, refused)
	s.wantLeft("oUser", 2)
	w := s.worker()
	s.wantEnd(refused, message.Refused, "recipient")
	s.wantLeft("oUser", 3)
	s.stop(w)
}

// A lost answer keeps its use: WeChat may have counted it.
func TestDoubtKeepsAPermitSpent(t *testing.T) {
	s := faultStage(t)
	s.collected("oUser", "wx1")
	s.sim.Inject(wechattest.Fault{Mode: wechattest.ModeSilent, Times: 1})
	d, m := s.producer(), wxopen(t, "a", "oUser", "")
	s.take(d, m)
	w := s.worker()
	s.wantEnd(m, message.InDoubt, "unanswered")
	s.wantLeft("oUser", 2)
	if _, err := d.Resolver.Resolve(t.Context(), "mini", "a", "drop"); err != nil {
		t.Fatal(err)
	}
	s.wantLeft("oUser", 2)
	s.stop(w)
}

func TestAPaymentThatWeChatDoesNotKnowYet(t *testing.T) {
	s := faultStage(t)
	s.sim.GrantPayment("wxmini", "oUser", "wx1")
	s.sim.Inject(wechattest.Fault{Code: 41028, Times: 1})
	m := wxopen(t, "a", "oUser", `,"form_id":"prepay_id=wx1"`)
	s.take(s.producer(), m)
	w := s.worker()
	if rec := s.wantEnd(m, message.Accepted, ""); rec.UpdatedAt.Sub(rec.CreatedAt) < 10*time.Second {
		t.Errorf("tried again after %s, want 10 s", rec.UpdatedAt.Sub(rec.CreatedAt))
	}
	s.wantLeft("oUser", 2)
	s.stop(w)
	s.eachOnce(1)
}

func TestAConsentThatWeChatRefusesIsVoid(t *testing.T) {
	s := faultStage(t)
	s.sim.Block("wxmini", "oUser", 43101)
	add := permit.Grant{OpenID: "oUser", Type: message.ConsentPermit, Template: "tpl", Count: 3}
	if _, err := s.book().AddPermits(t.Context(), "mini", []permit.Grant{add}); err != nil {
		t.Fatal(err)
	}
	w := s.worker(func(cfg *config.Config) {
		a := cfg.Accounts["mini"]
		a.Consents = config.Enforce
		cfg.Accounts["mini"] = a
	})
	d, m := s.producer(), subscribe(t, "a", "oUser")
	s.take(d, m)
	s.wantEnd(m, message.Refused, "recipient")
	s.wantLeft("oUser", 0)
	if _, err := d.Intake.Take(t.Context(), subscribe(t, "b", "oUser")); !fault.Is(err, fault.Unpermitted) {
		t.Errorf("the next one: %v, want unpermitted at once", err)
	}
	s.stop(w)
}

// The app's process dies between the two: brought again the message is one, and
// if nobody brings it its use comes back.
func TestACrashBetweenReserveAndEnqueue(t *testing.T) {
	s := faultStage(t)
	s.collected("oUser", "form-1", "form-2")
	again, lost := wxopen(t, "again", "oUser", ""), wxopen(t, "lost", "oUser", "")
	for _, m := range []*message.Message{again, lost} {
		job := message.Job{Message: m, Created: time.Now()}
		if res, err := s.book().Reserve(t.Context(), job, permit.Need(m, job.Created, permit.Policy{}), time.Time{}, time.Hour); err != nil || res.Refused() {
			t.Fatalf("reserve: %+v, %v", res, err)
		}
	}
	s.wantLeft("oUser", 0)
	w := s.worker()
	s.take(s.producer(), again)
	s.wantEnd(again, message.Accepted, "")
	tidy := s.tidier(w, "mini")
	tidy()
	tidy()
	s.wantLeft("oUser", 0) // younger than 5 minutes
	s.aged("lost")
	tidy()
	s.wantLeft("oUser", 0) // one look
	tidy()
	s.wantEnd(lost, message.Cancelled, "task_gone")
	s.wantLeft("oUser", 1)
	s.stop(w)
	s.eachOnce(1)
}

// aged lets a reservation's five minutes be over.
func (s *stage) aged(id string) {
	s.t.Helper()
	n, err := s.redis.ZIncrBy(s.t.Context(), keys.Reserved("mini"), -float64(5*time.Minute/time.Millisecond), id).Result()
	if err != nil || n > float64(time.Now().UnixMilli()) {
		s.t.Fatalf("%s is looked after at %.0f, %v", id, n, err)
	}
}

// A scheduled message that someone deletes in the web UI gives its use back;
// one that is there keeps it.
func TestAReservationWhoseTaskWasDeleted(t *testing.T) {
	s := faultStage(t)
	s.collected("oUser", "form-1", "form-2")
	at := time.Now().Add(time.Hour).Format(time.RFC3339)
	late := func(id string) *message.Message {
		return decoded(t, `{"id":%q,"account":"mini","kind":"wxopen","send_at":%q,"body":{"touser":"oUser","template_id":"t","data":{"keyword1":{"value":"x"}}}}`, id, at)
	}
	d, deleted, stays := s.producer(), late("deleted"), late("stays")
	w := s.worker()
	s.take(d, deleted)
	s.take(d, stays)
	if err := s.inspector().DeleteTask("mini.wxopen", "deleted"); err != nil {
		t.Fatal(err)
	}
	s.aged("deleted")
	s.aged("stays")
	tidy := s.tidier(w, "mini")
	tidy()
	tidy()
	s.wantEnd(deleted, message.Cancelled, "task_gone")
	s.wantLeft("oUser", 1)
	if state, err := d.Canceller.Cancel(t.Context(), "mini", "stays"); err != nil || state != message.Cancelled {
		t.Errorf("cancel: %s, %v", state, err)
	}
	s.wantLeft("oUser", 2)
	s.stop(w)
}
