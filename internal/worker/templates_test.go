package worker_test

import (
	"strings"
	"testing"

	"wxdispatch/examples"
	"wxdispatch/internal/config"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
)

// example is a message of the examples, under another id and to another user.
func example(t *testing.T, file, id, openid string) *message.Message {
	t.Helper()
	raw, err := examples.Files.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	m, err := message.Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(raw), m.ID, id, 1)
	if m, err = message.Decode([]byte(strings.Replace(text, m.Body.Recipient(), openid, 1))); err != nil {
		t.Fatal(err)
	}
	return m
}

func strict(cfg *config.Config) {
	for name, a := range cfg.Accounts {
		a.TemplateCheck = config.CheckStrict
		cfg.Accounts[name] = a
	}
}

// A producer that knows nothing but Redis hears at once what WeChat would refuse
// later: the worker has the secret and lists the templates for it.
func TestAStrictAccountChecksByWeChatsList(t *testing.T) {
	s := newStage(t, redistest.Server(t))
	w := s.worker(strict)
	defer s.stop(w)
	d := s.producer()
	good := example(t, "template-purchase.json", "good", "oUser1")
	result, err := d.Intake.Take(t.Context(), good)
	if err != nil || result.State != message.Queued {
		t.Fatalf("%+v %v", result, err)
	}
	s.wantEnd(good, message.Accepted, "")
	bad := example(t, "template-purchase.json", "bad", "oUser2")
	data := bad.Body.(*message.TemplateBody).Data
	delete(data, "Money")
	if _, err = d.Intake.Take(t.Context(), bad); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "body.data.Money: missing") || !strings.Contains(err.Error(), "交易金额") {
		t.Errorf("got %v", err)
	}
	if _, err = d.Intake.Take(t.Context(), template(t, "unknown", "oUser3")); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "no such template") {
		t.Errorf("got %v", err)
	}
}

// WeChat bans a template: what waits and what comes is refused, other templates
// go on; once it is mended the refused ones are sent.
func TestABannedTemplateSendsNothingUntilItIsUnparked(t *testing.T) {
	s := newStage(t, redistest.Server(t))
	s.sim.Block("wxshop", "oBanned", 43116)
	later := example(t, "template-purchase.json", "later", "oUser2")
	w := s.worker()
	defer s.stop(w)
	d := s.producer()
	first := example(t, "template-purchase.json", "first", "oBanned")
	s.take(d, first)
	s.wantEnd(first, message.Refused, "template")
	s.put(later) // taken before the ban was known, so to say
	if rec := s.wantEnd(later, message.Refused, "template"); rec.ErrCode != 43116 {
		t.Errorf("errcode %d, want the ban's", rec.ErrCode)
	}
	refused := func() error {
		_, err := s.producer().Intake.Take(t.Context(), example(t, "template-purchase.json", "third", "oUser3"))
		return err
	}
	if err := refused(); !fault.Is(err, fault.Parked) || !strings.Contains(err.Error(), "43116") {
		t.Errorf("at intake: %v", err)
	}
	other := example(t, "bizsend.json", "other", "oUser4")
	s.take(d, other)
	s.wantEnd(other, message.Accepted, "")
	report, err := d.Operator.Show(t.Context(), "shop")
	if err != nil || len(report.Templates) != 1 || report.Templates[0].ErrCode != 43116 {
		t.Errorf("account show: %+v %v", report.Templates, err)
	}
	if ended, err := d.Operator.UnparkTemplate(t.Context(), "shop", first.Body.TemplateID(), "me@here"); err != nil || !ended {
		t.Fatalf("unpark: %v %v", ended, err)
	}
	if err := refused(); err != nil {
		t.Errorf("after unpark: %v", err)
	}
	s.sim.Block("wxshop", "oBanned", 0)
	for _, m := range []*message.Message{first, later} {
		s.until(m.ID+" is replayed", func() bool {
			_, err := d.Replayer.Replay(t.Context(), "shop", m.ID)
			return err == nil
		})
		s.until(m.ID+" is accepted", func() bool {
			rec, err := s.book().Record(t.Context(), "shop", m.ID)
			return err == nil && rec.State == message.Accepted
		})
	}
}
