package topology_test

import (
	"context"
	"fmt"
	"time"

	"github.com/hibiken/asynq"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
	"wxdispatch/internal/wechat/wechattest"
)

// everything does all that apps and operators can ask for once, in more than one
// account, while the worker sends.
func (s *stage) everything() {
	s.t.Helper()
	s.singles()
	s.batches()
	s.permits()
	s.endings()
	s.refusedToken()
	s.operators()
}

func (s *stage) singles() {
	ctx, d, list := s.t.Context(), s.desk, spread(s.t, "walk", 30)
	before := s.sim.Stats()
	for i, o := range d.Intake.TakeMany(ctx, list) {
		if o.Err != nil {
			s.t.Fatalf("message %d of many: %v", i, o.Err)
		}
	}
	s.eachOnce(before, list)
	if again, err := d.Intake.Take(ctx, list[0]); err != nil || !again.Duplicate {
		s.t.Errorf("the same again: %+v, %v", again, err)
	}
	if other, err := d.Intake.Take(ctx, one(s.t, "shop", "walk-0", `,"expires_at":"2099-01-01T00:00:00Z"`)); err == nil && !other.Duplicate {
		s.t.Errorf("another of the same id: %+v", other)
	}
	if found, err := d.Finder.Find(ctx, "shop", "owalk-0", "", time.Time{}); err != nil || len(found) != 1 {
		s.t.Errorf("found %d, %v", len(found), err)
	}
	later := one(s.t, "shop", "later", fmt.Sprintf(`,"send_at":%q`, time.Now().Add(time.Hour).Format(time.RFC3339)))
	s.hand(d, []*message.Message{later})
	if state, err := d.Canceller.Cancel(ctx, "shop", "later"); err != nil || state != message.Cancelled {
		s.t.Errorf("cancelled: %s, %v", state, err)
	}
}

func (s *stage) batches() {
	ctx, b := s.t.Context(), s.desk.Batches
	before := s.sim.Stats()
	var list []*message.Message
	for i := range 20 {
		list = append(list, one(s.t, "vip", fmt.Sprint("spring-", i), `,"batch":"spring"`))
	}
	s.hand(s.desk, list)
	_, err := b.Pause(ctx, "vip", "spring")
	must(s.t, err)
	_, err = b.Resume(ctx, "vip", "spring")
	must(s.t, err)
	s.eachOnce(before, list)
	s.until("the batch to be done", func(ctx context.Context) bool {
		shown, err := b.Show(ctx, "vip", "spring")
		return err == nil && shown.Done()
	})
	n := 0
	for _, err := range b.Export(ctx, "vip", "spring") {
		must(s.t, err)
		n++
	}
	if n != len(list) {
		s.t.Errorf("exported %d of %d", n, len(list))
	}
	s.hand(s.desk, []*message.Message{one(s.t, "vip", "autumn-0", fmt.Sprintf(`,"batch":"autumn","send_at":%q`, time.Now().Add(time.Hour).Format(time.RFC3339)))})
	_, err = b.Cancel(ctx, "vip", "autumn", func(int) {})
	must(s.t, err)
	if all, err := b.List(ctx, "vip"); err != nil || len(all) != 2 {
		s.t.Errorf("%d batches, %v", len(all), err)
	}
}

func (s *stage) permits() {
	ctx, p := s.t.Context(), s.desk.Permits
	s.sim.GrantForm("wxmini", "oform", "form-1")
	_, err := p.Add(ctx, "mini", permit.Grant{OpenID: "oform", Code: "form-1", Type: message.FormPermit, IssuedAt: time.Now()})
	must(s.t, err)
	m := decoded(s.t, `{"id":"form","account":"mini","kind":"wxopen","body":{"touser":"oform","template_id":"t","data":{"keyword1":{"value":"x"}}}}`)
	s.hand(s.desk, []*message.Message{m})
	if counts := s.ended(m); counts[message.Accepted] != 1 {
		s.t.Errorf("with a form: %v", counts)
	}
	if left, err := p.List(ctx, "mini", "oform"); err != nil || len(left) > 1 || len(left) == 1 && left[0].Left != 0 {
		s.t.Errorf("left %+v, %v", left, err)
	}
	next := decoded(s.t, `{"id":"formless","account":"mini","kind":"wxopen","body":{"touser":"oform","template_id":"t","data":{"keyword1":{"value":"x"}}}}`)
	if _, err := s.desk.Intake.Take(ctx, next); !fault.Is(err, fault.Unpermitted) {
		s.t.Errorf("without a form: %v, want class unpermitted", err)
	}
	s.twoOfOneID()
	consent := permit.Grant{OpenID: "oyes", Type: message.ConsentPermit, Template: "tpl", Count: 1}
	_, err = p.Add(ctx, "mini", consent)
	must(s.t, err)
	_, err = p.Remove(ctx, "mini", consent)
	must(s.t, err)
}

// twoOfOneID: what a message held is given back when the queue has another task
// of its id, which somebody put there by himself.
func (s *stage) twoOfOneID() {
	ctx, p := s.t.Context(), s.desk.Permits
	_, err := asynq.NewClientFromRedisClient(s.client()).EnqueueContext(ctx, asynq.NewTask("wechat:wxopen", []byte("{}")),
		asynq.Queue("mini.wxopen"), asynq.TaskID("twice"), asynq.ProcessIn(time.Hour))
	must(s.t, err)
	_, err = p.Add(ctx, "mini", permit.Grant{OpenID: "otwice", Code: "form-2", Type: message.FormPermit, IssuedAt: time.Now()})
	must(s.t, err)
	m := decoded(s.t, `{"id":"twice","account":"mini","kind":"wxopen","body":{"touser":"otwice","template_id":"t","data":{"keyword1":{"value":"x"}}}}`)
	if _, err := s.desk.Intake.Take(ctx, m); !fault.Is(err, fault.Conflict) {
		s.t.Errorf("another of the same id: %v, want class conflict", err)
	}
	if left, err := p.List(ctx, "mini", "otwice"); err != nil || len(left) != 1 || left[0].Left != 1 {
		s.t.Errorf("left %+v, %v", left, err)
	}
}

func (s *stage) endings() {
	ctx, d := s.t.Context(), s.desk
	s.sim.Inject(wechattest.Fault{OpenID: "obad", Code: 43004, Times: 1})
	s.sim.Inject(wechattest.Fault{OpenID: "odoubt", Mode: wechattest.ModeCut, Counted: true, Times: 1})
	bad, doubt := one(s.t, "shop", "bad", ""), one(s.t, "mini", "doubt", "")
	s.hand(d, []*message.Message{bad, doubt})
	if counts := s.ended(bad, doubt); counts[message.Refused] != 1 || counts[message.InDoubt] != 1 {
		s.t.Fatalf("ended %v", counts)
	}
	if page, err := d.Ends.Page(ctx, "shop", ledger.Filter{}, ledger.Place{}, 10); err != nil || len(page.Records) != 1 {
		s.t.Errorf("bad ends: %+v, %v", page, err)
	}
	_, err := d.Replayer.Replay(ctx, "shop", "bad")
	must(s.t, err)
	s.until("the replay", func(ctx context.Context) bool {
		rec, err := d.Lookup.Status(ctx, "shop", "bad")
		return err == nil && rec.State == message.Accepted
	})
	if state, err := d.Resolver.Resolve(ctx, "mini", "doubt", ledger.Sent); err != nil || state != message.Accepted {
		s.t.Errorf("resolved: %s, %v", state, err)
	}
	must(s.t, d.Wishes.Suppress(ctx, "vip", message.Suppression{OpenID: "ono", By: "app"}))
	if _, err := d.Intake.Take(ctx, one(s.t, "vip", "no", "")); !fault.Is(err, fault.Suppressed) {
		s.t.Errorf("who wants nothing: %v", err)
	}
	must(s.t, d.Wishes.Lift(ctx, "vip", "ono", ""))
}

// refusedToken: WeChat refuses the token that it itself gives out again.
func (s *stage) refusedToken() {
	before, list := s.sim.Stats(), []*message.Message{one(s.t, "vip", "refused", "")}
	s.sim.Inject(wechattest.Fault{OpenID: "orefused", Code: 40001, Times: 1})
	s.hand(s.desk, list)
	s.eachOnce(before, list)
}

func (s *stage) operators() {
	ctx, o := s.t.Context(), s.desk.Operator
	before := s.sim.Stats()
	must(s.t, o.Park(ctx, "vip", message.Template, "trying", "test", time.Time{}, time.Now()))
	list := []*message.Message{one(s.t, "vip", "held", "")}
	s.hand(s.desk, list)
	_, _, err := o.Unpark(ctx, "vip", message.Template, "test")
	must(s.t, err)
	s.eachOnce(before, list)
	if all, err := o.List(ctx); err != nil || len(all) != len(types) {
		s.t.Errorf("%d accounts, %v", len(all), err)
	}
	if log, err := o.Log(ctx, "vip"); err != nil || len(log) == 0 {
		s.t.Errorf("the log has %v, %v", log, err)
	}
}
