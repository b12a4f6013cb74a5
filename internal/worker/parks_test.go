package worker_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/config"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

// orders are n template messages.
func orders(t *testing.T, n int) (all []*message.Message) {
	for i := range n {
		all = append(all, template(t, fmt.Sprint("o-", i), fmt.Sprint("oUser", i)))
	}
	return all
}

// still waits until no server takes from the queue of a kind, on any worker, and
// the web UI shows it paused.
func (s *stage) still(queue string) {
	s.t.Helper()
	s.until(queue+" stands still", func() bool {
		servers, err := s.inspector().Servers()
		if err != nil {
			return false
		}
		for _, server := range servers {
			if _, takes := server.Queues[queue]; takes && server.Status == "active" {
				return false
			}
		}
		info, err := s.inspector().GetQueueInfo(queue)
		return err == nil && info.Paused && info.Active == 0
	})
}

func (s *stage) paused(queue string) bool {
	info, err := s.inspector().GetQueueInfo(queue)
	return err == nil && info.Paused
}

// parked are the reasons that an account is parked for.
func (s *stage) parked() (reasons string) {
	s.t.Helper()
	parks, _, err := s.book().Parks(s.t.Context(), "shop")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, p := range parks {
		reasons += p.Reason + " "
	}
	return strings.TrimSpace(reasons)
}

func (s *stage) accepted(all []*message.Message) {
	s.t.Helper()
	for _, m := range all {
		if rec := s.wantEnd(m, message.Accepted, ""); rec.Attempts != 1 {
			s.t.Errorf("%s: %d attempts were counted, want 1", m.ID, rec.Attempts)
		}
	}
}

// TestADayThatIsUsedUpStopsEverybody: on both workers nothing is called but the
// probe, by one of them; a good answer to it lets all go on.
func TestADayThatIsUsedUpStopsEverybody(t *testing.T) {
	s := faultStage(t)
	s.sim.SetQuota("wxshop", message.Template, 5)
	often := func(cfg *config.Config) { cfg.Park.ProbeInterval = time.Second }
	one, two := s.worker(often), s.worker(often)
	all := orders(t, 200)
	s.put(all...)
	s.until("daily", func() bool { return s.parked() == "daily" })
	s.still("shop.template")
	before := s.sim.Stats().Count(message.Template, "45009")
	s.until("three probes", func() bool { return s.sim.Stats().Count(message.Template, "45009") >= before+3 })
	if err := one.Ready(t.Context()); err != nil {
		t.Errorf("a parked lane is not ready: %v", err)
	}
	s.until("the metrics show the park and the count", func() bool {
		page := pageOf(t, one.URL()+"/metrics")
		return strings.Contains(page, `wxdispatch_lane_parked{account="shop",kind="template",reason="daily"} 1`) &&
			strings.Contains(page, `wxdispatch_quota_used{account="shop",kind="template"} 5`)
	})
	s.sim.SetQuota("wxshop", message.Template, -1)
	s.accepted(all)
	s.until("the pause is ended", func() bool { return !s.paused("shop.template") })
	s.stop(one)
	s.stop(two)
	s.eachOnce(len(all))
}

func pageOf(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestOurQuotaIsExact: two workers send as many as daily_quota says and not one
// more, until an operator raises it.
func TestOurQuotaIsExact(t *testing.T) {
	s := faultStage(t)
	ours := func(cfg *config.Config) {
		a := cfg.Accounts["shop"]
		a.DailyQuota = map[message.Kind]int{message.Template: 37}
		cfg.Accounts["shop"] = a
	}
	one, two := s.worker(ours), s.worker(ours)
	s.put(orders(t, 300)...)
	// What begins as the lane stops gives its place back, and another takes it.
	s.until("the quota is used up", func() bool { return s.sim.Stats().Count(message.Template, "0") >= 37 && s.parked() == "quota" })
	s.still("shop.template")
	if n := s.sim.Stats().Count(message.Template, "0"); n != 37 {
		t.Fatalf("%d were sent, want 37", n)
	}
	if err := s.book().SetQuota(t.Context(), "shop", message.Template, 60, time.Time{}, ledger.ParkInfo{}); err != nil {
		t.Fatal(err)
	}
	s.until("the raised quota is used up", func() bool { return s.sim.Stats().Count(message.Template, "0") == 60 && s.parked() == "quota" })
	s.still("shop.template")
	standing, err := s.book().Look(t.Context(), "shop")
	if err != nil || standing.Used[message.Template] != 60 || standing.Quotas[message.Template] != 60 {
		t.Fatalf("the book counts %+v, %v; want 60", standing, err)
	}
	if err := s.book().SetQuota(t.Context(), "shop", message.Template, -1, time.Time{}, ledger.ParkInfo{}); err != nil {
		t.Fatal(err)
	}
	s.delivered(300)
	s.stop(one)
	s.stop(two)
	s.eachOnce(300)
}

// TestAPersonsParkStays: also when the worker that followed it is gone, and when
// somebody resumes the queue in the web UI.
func TestAPersonsParkStays(t *testing.T) {
	s := faultStage(t)
	first := s.worker()
	if err := s.book().Park(t.Context(), "shop", "", time.Time{}, ledger.ParkInfo{By: "operator", Who: "ann@desk", Words: "wrong text"}); err != nil {
		t.Fatal(err)
	}
	m := template(t, "a", "oUser")
	s.put(m)
	s.still("shop.template")
	s.stop(first)
	second := s.worker()
	s.still("shop.template")
	if err := s.inspector().UnpauseQueue("shop.template"); err != nil {
		t.Fatal(err)
	}
	s.until("the pause is put back", func() bool { return s.paused("shop.template") })
	var entries []ledger.LogEntry
	var err error
	s.until("the log tells so", func() bool {
		entries, err = s.book().Log(t.Context(), "shop")
		return err != nil || len(entries) > 1
	})
	if err != nil || len(entries) != 2 || entries[0].What != "resume_put_back" || entries[1].Info.Who != "ann@desk" {
		t.Errorf("the log tells %+v, %v", entries, err)
	}
	if page := pageOf(t, second.URL()+"/"); !strings.Contains(page, "wrong text") || !strings.Contains(page, "ann@desk") {
		t.Error("the overview does not tell why, and who")
	}
	if n := s.sim.Stats().Count(message.Template, "0"); n != 0 {
		t.Errorf("%d were sent while parked", n)
	}
	if n, err := s.book().Unpark(t.Context(), "shop", "", "operator", ledger.ParkInfo{}); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	s.accepted([]*message.Message{m})
	s.stop(second)
	s.eachOnce(1)
}

// TestAPauseByHandStays: unparking ends our pause, never an operator's from
// before.
func TestAPauseByHandStays(t *testing.T) {
	s := faultStage(t)
	m := template(t, "a", "oUser")
	s.put(m)
	if err := s.inspector().PauseQueue("shop.template"); err != nil {
		t.Fatal(err)
	}
	w := s.worker()
	if err := s.book().Park(t.Context(), "shop", message.Template, time.Now().Add(2*time.Second), ledger.ParkInfo{By: "operator"}); err != nil {
		t.Fatal(err)
	}
	s.until("the lane is parked", func() bool { return strings.Contains(s.logs.String(), "lane parked") })
	s.until("the park is over", func() bool { return s.parked() == "" && strings.Contains(s.logs.String(), "lane goes on") })
	if !s.paused("shop.template") {
		t.Fatal("the operator's pause was ended")
	}
	if err := s.inspector().UnpauseQueue("shop.template"); err != nil {
		t.Fatal(err)
	}
	s.accepted([]*message.Message{m})
	s.stop(w)
}

// TestTokenTroubleParks is what the token centre tells.
func TestTokenTroubleParks(t *testing.T) {
	s := faultStage(t)
	w := s.worker()
	bad := &fault.Error{Op: "wechat.token", Class: fault.Account, Code: 40125, Message: "invalid appsecret"}
	w.TokenTrouble(t.Context(), "shop", bad)
	m := template(t, "a", "oUser")
	s.put(m)
	s.still("shop.template")
	parks, _, err := s.book().Parks(t.Context(), "shop")
	if err != nil || len(parks) != 1 || parks[0].Reason != ledger.Token || parks[0].Info.ErrCode != 40125 {
		t.Fatalf("got %+v, %v", parks, err)
	}
	w.TokenMended(t.Context(), "shop")
	s.accepted([]*message.Message{m})
	s.stop(w)
}

// TestAWrongSecretParksAndARightOneGoesOn without anybody's doing more.
func TestAWrongSecretParksAndARightOneGoesOn(t *testing.T) {
	s := faultStage(t)
	var cfg *config.Config
	w := s.worker(func(c *config.Config) {
		shop := c.Accounts["shop"]
		shop.Secret = "a wrong secret"
		c.Accounts = map[string]config.Account{"shop": shop}
		cfg = c
	})
	m := template(t, "a", "oUser")
	s.put(m)
	s.until("the park", func() bool {
		parks, _, err := s.book().Parks(t.Context(), "shop")
		return err == nil && len(parks) == 1 && parks[0].Reason == ledger.Token && parks[0].Kind == "" && parks[0].Info.ErrCode != 0 && parks[0].Info.Words != ""
	})
	good := *cfg
	shop := cfg.Accounts["shop"]
	shop.Secret = secret
	good.Accounts = map[string]config.Account{"shop": shop}
	if err := w.Apply(t.Context(), &good); err != nil {
		t.Fatal(err)
	}
	s.accepted([]*message.Message{m})
	if parks, _, err := s.book().Parks(t.Context(), "shop"); err != nil || len(parks) != 0 {
		t.Errorf("parks after the right secret: %+v, %v", parks, err)
	}
	s.stop(w)
}

// TestAccountsComeAndGo: a configuration that changes while the worker runs.
func TestAccountsComeAndGo(t *testing.T) {
	s := faultStage(t)
	var cfg *config.Config
	w := s.worker(func(c *config.Config) {
		shop := c.Accounts["shop"]
		shop.Secret = "a wrong secret"
		c.Accounts = map[string]config.Account{"shop": shop}
		cfg = c
	})
	next := func(change func(map[string]config.Account)) *config.Config {
		c := *cfg
		c.Accounts = map[string]config.Account{}
		for name, a := range cfg.Accounts {
			c.Accounts[name] = a
		}
		change(c.Accounts)
		return &c
	}
	a := template(t, "a", "oUser")
	s.put(a)
	if err := s.book().Hold(t.Context(), "shop", "account", time.Hour, ledger.ParkInfo{}); err != nil {
		t.Fatal(err)
	}
	s.still("shop.template")

	bad := next(func(accounts map[string]config.Account) {
		shop := accounts["shop"]
		shop.Secret = ""
		accounts["shop"] = shop
	})
	if err := w.Apply(t.Context(), bad); !fault.Is(err, fault.Invalid) {
		t.Fatalf("an account without a secret: %v", err)
	}
	good := next(func(accounts map[string]config.Account) {
		shop := accounts["shop"]
		mini := shop
		shop.Secret = secret
		mini.Type, mini.AppID, mini.Secret = message.MiniProgram, "wxmini", secret
		accounts["shop"], accounts["mini"] = shop, mini
	})
	if err := w.Apply(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	b := subscribe(t, "b", "oMini")
	s.put(b)
	s.accepted([]*message.Message{a, b}) // the changed secret was tried at once, and ended the park
	cfg = good
	if err := w.Apply(t.Context(), next(func(accounts map[string]config.Account) { delete(accounts, "mini") })); err != nil {
		t.Fatal(err)
	}
	c := subscribe(t, "c", "oMini")
	s.put(c)
	s.put(template(t, "d", "oUser"))
	s.delivered(3)
	if _, err := s.book().Record(t.Context(), "mini", "c"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a removed account sends: %v", err)
	}
	s.stop(w)
	if err := w.Apply(t.Context(), good); err == nil {
		t.Error("a worker that has ended takes a configuration over")
	}
}
