package worker_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"wxdispatch/internal/config"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/wechat/wechattest"
)

const (
	english = "en-GB"
	chinese = "zh-CN,zh;q=0.9"
)

func operated(cfg *config.Config) {
	cfg.Worker.UI, cfg.Worker.User, cfg.Worker.Password = config.ReadWrite, "ops", "pw-of-the-test"
	shop := cfg.Accounts["shop"]
	shop.DailyQuota = map[message.Kind]int{message.Template: 100000}
	cfg.Accounts["shop"] = shop
}

// TestAnOperatorAtThePages goes through the pages in one browser as an operator
// does: looks, finds, parks, pauses, sends again; then looks on a phone, in the
// dark and in Chinese.
func TestAnOperatorAtThePages(t *testing.T) {
	b := openBrowser(t)
	s := newStage(t, redistest.Server(t))
	w := s.worker(operated)
	defer s.stop(w)
	s.filled()
	b.as("ops", "pw-of-the-test", look{language: english, width: 1280})

	b.goTo(w.URL() + "/")
	b.wants("shop", "official account", "running", "Rate configured", "access_token", "ends in")
	b.finds(w.URL())
	b.parks(s)
	b.pauses(s)
	b.sendsAgain(s)
	b.endsDoubts(s, w.URL())
	b.keepsFresh(s, w.URL())
	b.looks(w.URL())
}

// looks at all pages on a phone, and at the first in other ways.
func (b *browser) looks(at string) {
	b.t.Helper()
	first := map[string]string{"overview": "/"}
	all := map[string]string{"overview": "/", "message": "/message?account=mini&id=bad-0", "failed": "/failed?account=mini",
		"code": "/failed?account=mini&state=refused&errcode=47003", "batch": "/batch?account=shop&name=spring", "permits": "/permits?account=mini&openid=oPermits",
		"find": "/find?account=mini&openid=oLong", "trouble": "/message?account=mini&id=no%20id",
		"doubt": "/message?account=mini&id=doubt-5", "doubts": "/failed?account=mini&state=in_doubt"}
	for _, seen := range []struct {
		name  string
		look  look
		pages map[string]string
	}{
		{"desktop", look{english, false, 1280}, first}, {"dark", look{english, true, 1280}, first},
		{"phone", look{english, false, 390}, all}, {"chinese", look{chinese, true, 390}, all},
	} {
		b.as("ops", "pw-of-the-test", seen.look)
		for page, path := range seen.pages {
			b.goTo(at + path)
			b.fits(page + "-" + seen.name)
		}
	}
	b.goTo(at + "/")
	b.wants("公众号", "已暂停", "配置速率", "批次")
}

// filled has messages that ended badly, a batch that waits and permits.
func (s *stage) filled() {
	s.t.Helper()
	for i := range 3 {
		openid := fmt.Sprint("oGone", i)
		s.sim.Block("wxmini", openid, 43101)
		s.put(subscribe(s.t, fmt.Sprint("gone-", i), openid))
	}
	s.sim.Block("wxmini", "oLong", 47003)
	for i := range 2 {
		s.put(subscribe(s.t, fmt.Sprint("bad-", i), "oLong"))
	}
	s.sim.Inject(wechattest.Fault{OpenID: "oGarbage", Mode: wechattest.ModeGarbage, Counted: true})
	for i := range 5 {
		s.put(subscribe(s.t, fmt.Sprint("doubt-", i), "oGarbage"))
	}
	s.put(template(s.t, "good", "oUser"))
	for _, id := range []string{"gone-0", "gone-1", "gone-2", "bad-0", "bad-1", "doubt-0", "doubt-1", "doubt-2", "doubt-3", "doubt-4"} {
		s.ended("mini", id)
	}
	s.ended("shop", "good")
	d := s.desk()
	s.hand(d, "spring", 5)
	for i := range 5 {
		s.ended("shop", fmt.Sprint("spring-", i))
	}
	if err := d.Batches.Open(s.t.Context(), "shop", "autumn", message.Template, intake.BatchOptions{}); err != nil {
		s.t.Fatal(err)
	}
	if _, err := d.Batches.Pause(s.t.Context(), "shop", "autumn"); err != nil {
		s.t.Fatal(err)
	}
	s.hand(d, "autumn", 5)
	if err := d.Batches.Loaded(s.t.Context(), "shop", "autumn", 6, 1, true); err != nil {
		s.t.Fatal(err)
	}
	grants := []permit.Grant{{OpenID: "oPermits", Type: message.FormPermit, Code: "1545039031_form", IssuedAt: time.Now()},
		{OpenID: "oPermits", Type: message.ConsentPermit, Template: "tpl", Count: 2}}
	if _, err := s.book().AddPermits(s.t.Context(), "mini", grants); err != nil {
		s.t.Fatal(err)
	}
}

// finds a message by its id, then its user's others, then his permits.
func (b *browser) finds(at string) {
	b.t.Helper()
	b.do(chromedp.SetValue(`form[role=search] select`, "mini", chromedp.ByQuery), chromedp.SendKeys(`form[role=search] input`, "bad-0", chromedp.ByQuery))
	b.press(`//form[@role="search"]//button[.="Find"]`, `//h3[.="History"]`)
	b.wants("bad-0", "refused", "47003", "queued")
	b.press(`//a[.="oLong"]`, `//h2[contains(., "Messages of a user")]`)
	b.wants("bad-0", "bad-1")
	b.goTo(at + "/")
	b.do(chromedp.SetValue(`form[role=search] select`, "mini", chromedp.ByQuery), chromedp.SendKeys(`form[role=search] input`, "oPermits", chromedp.ByQuery))
	b.press(`//button[contains(., "Permits")]`, `//h2[contains(., "Permits of a user")]`)
	b.wants("1545039031_form", "3 messages may be sent", "consent")
	b.goTo(at + "/")
}

// parks a kind with a reason, which the account's log tells with the name of who
// did, and lets it go on.
func (b *browser) parks(s *stage) {
	b.t.Helper()
	const cell = `//section[@id="shop"]//tr[th[contains(., "bizsend")]]`
	b.do(chromedp.Click(cell+`//summary`, chromedp.BySearch), chromedp.SendKeys(cell+`//input[@name="reason"]`, "sale <b>is over</b>", chromedp.BySearch))
	b.press(cell+`//button[contains(., "Park bizsend")]`, cell+`//span[.="parked"]`)
	b.wants("sale <b>is over</b>", "by ops", "until somebody ends it")
	s.logged("shop", "park", "bizsend", "sale <b>is over</b>")
	b.fits("parked")
	b.press(cell+`//button[.="Unpark"]`, cell+`//span[.="running"]`)
	s.logged("shop", "unpark", "bizsend", "")
	const all = `//section[@id="shop"]/div[@class="acts"]`
	b.do(chromedp.Click(all+`//summary`, chromedp.BySearch), chromedp.SendKeys(all+`//input[@name="reason"]`, "audit", chromedp.BySearch))
	b.press(all+`//button[.="Park all kinds"]`, cell+`//span[.="parked"]`)
	s.logged("shop", "park", "*", "audit")
}

// pauses, resumes and cancels a batch.
func (b *browser) pauses(s *stage) {
	b.t.Helper()
	b.press(`//a[.="autumn"]`, `//button[.="Resume"]`)
	b.wants("0 of 5 have ended", "paused")
	b.press(`//button[.="Resume"]`, `//button[.="Pause"]`)
	b.press(`//button[.="Pause"]`, `//button[.="Resume"]`)
	b.press(`//summary[.="Cancel…"]`, `//button[.="Cancel this batch"]`)
	b.wants("5 messages wait and would be cancelled")
	b.press(`//button[.="Cancel this batch"]`, `//h2/span[.="cancelled"]`)
	for _, turn := range []string{"resume", "pause", "cancel"} {
		s.logged("shop", "batch_"+turn, "*", "batch autumn")
		s.told(`"action":"batch"`, `"do":"`+turn+`"`, `"name":"autumn"`, `"who":"ops"`)
	}
}

// sendsAgain counts the bad ends of a code and sends them again, once.
func (b *browser) sendsAgain(s *stage) {
	b.t.Helper()
	for i := range 3 {
		s.sim.Block("wxmini", fmt.Sprint("oGone", i), 0)
	}
	b.do(chromedp.Click(`header h1 a`, chromedp.ByQuery), chromedp.WaitVisible(`//section[@id="mini"]//dt[.="Bad ends"]/following-sibling::dd/a`, chromedp.BySearch))
	b.press(`//section[@id="mini"]//dt[.="Bad ends"]/following-sibling::dd/a`, `//td[.="43101"]`)
	b.wants("43101", "47003")
	b.press(`//tr[td[.="43101"]]//a[.="Send again…"]`, `//button[.="Send these 3 again"]`)
	b.wants("gone-0", "gone-1", "gone-2")
	b.press(`//button[.="Send these 3 again"]`, `//dd[@id="sent"]`)
	if sent := b.text("#sent"); sent != "3" {
		b.t.Errorf("%s were sent again, want 3", sent)
	}
	for i := range 3 {
		if rec := s.ended("mini", fmt.Sprint("gone-", i)); rec.State != message.Accepted {
			b.t.Errorf("%s ended %s (%d), want accepted", rec.ID, rec.State, rec.ErrCode)
		}
	}
	s.logged("mini", "replay", "*", "3 sent again, 0 not")
	if rec := s.ended("mini", "bad-0"); rec.State != message.Refused {
		b.t.Errorf("bad-0 was sent again, too: %s", rec.State)
	}
}

// endsDoubts ends one from its page, two from the list, and is refused where
// somebody else was quicker.
func (b *browser) endsDoubts(s *stage, at string) {
	b.t.Helper()
	b.goTo(at + "/message?account=mini&id=doubt-0")
	b.wants("Did it arrive?", "in doubt")
	b.press(`//summary[.="Leave it…"]`, `//button[.="End as failed"]`)
	b.wants("its permit stays spent")
	b.fits("leaving")
	b.press(`//button[.="End as failed"]`, `//h2/span[.="failed"]`)
	s.logged("mini", "resolve", "*", "1 doubts")
	s.told(`"action":"resolve"`, `"id":"doubt-0"`, `"how":"drop"`, `"who":"ops"`)

	b.goTo(at + "/message?account=mini&id=doubt-1")
	b.press(`//summary[.="It did not: send it again…"]`, `//button[.="Send it again"]`)
	if _, err := s.desk().Resolver.Resolve(b.ctx, "mini", "doubt-1", ledger.Sent); err != nil {
		b.t.Fatal(err)
	}
	b.press(`//button[.="Send it again"]`, `//h2[contains(., "does not fit")]`)
	b.wants("it is accepted, not in_doubt; there is no doubt to end")

	b.goTo(at + "/")
	b.press(`//section[@id="mini"]//dt[.="In doubt"]/following-sibling::dd/a`, `//h3[.="Did they arrive?"]`)
	b.press(`//summary[.="It arrived…"]`, `//button[.="End these 3 as accepted"]`)
	b.fits("arrived")
	s.put(subscribe(s.t, "doubt-5", "oGarbage"))
	s.wantEnd(subscribe(s.t, "doubt-5", "oGarbage"), message.InDoubt, "unanswered")
	b.press(`//button[.="End these 3 as accepted"]`, `//dd[@id="ended"]`)
	if ended, left := b.text("#ended"), b.text("#left"); ended != "3" || left != "0" {
		b.t.Errorf("%s were ended and %s not, want 3 and 0", ended, left)
	}
	s.logged("mini", "resolve", "*", "3 doubts")
	s.wantEnd(subscribe(s.t, "doubt-4", "oGarbage"), message.Accepted, "operator")
	s.wantEnd(subscribe(s.t, "doubt-5", "oGarbage"), message.InDoubt, "unanswered") // came later
}

// keepsFresh: the overview shows what changes without being loaded again, but
// leaves a form alone that somebody is at; and buttons work at a name over plain
// http, where the browser does not say from what site a form comes.
func (b *browser) keepsFresh(s *stage, at string) {
	b.t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		b.t.Fatal(err)
	}
	b.goTo("http://ops.test:" + u.Port() + "/")
	b.do(chromedp.Evaluate(`document.title = "the same page"`, nil))
	if err := s.desk().Operator.Park(b.ctx, "mini", message.Uniform, "seen", "boss", time.Time{}, time.Now()); err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.WaitVisible(`//section[@id="mini"]//p[contains(., "seen")]`, chromedp.BySearch))
	title := ""
	b.do(chromedp.Title(&title))
	if title != "the same page" {
		b.t.Error("the page was loaded again")
	}
	const cell = `//section[@id="mini"]//tr[th[contains(., "uniform")]]`
	b.press(cell+`//button[.="Unpark"]`, cell+`//span[.="running"]`)
	s.logged("mini", "unpark", "uniform", "")
}

// logged checks that an account's log has what ops did.
func (s *stage) logged(account, what, scope, words string) {
	s.t.Helper()
	entries, err := ledger.New(s.redis).Log(s.t.Context(), account)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range entries {
		if e.What == what && e.Scope == scope && e.Info.Who == "ops" && e.Info.Words == words {
			return
		}
	}
	s.t.Errorf("the log of %s lacks %s of %s by ops (%q): %+v", account, what, scope, words, entries)
}

// told checks that a line of the worker's log has all parts.
func (s *stage) told(parts ...string) {
	s.t.Helper()
lines:
	for line := range strings.Lines(s.logs.String()) {
		for _, part := range parts {
			if !strings.Contains(line, part) {
				continue lines
			}
		}
		return
	}
	s.t.Errorf("no line of the log has %q", parts)
}
