package admin

import (
	"context"
	"errors"
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/standing"
)

func overviewOf(accounts []Account, err error) *Handler {
	o := options()
	o.Overview = overviewFunc(func(context.Context) ([]Account, error) { return accounts, err })
	return New(o)
}

func shopAccounts() []Account {
	at := func(hour int) time.Time { return time.Date(2026, 11, 22, hour, 0, 0, 0, chinaTime) }
	limit := 100
	return []Account{
		{Known: true, Counted: true, InDoubt: 2, Bad: 7, Account: standing.Account{Name: "shop", Type: message.Official,
			Token:    &standing.Token{Mode: "stable", ExpiresInS: 6600},
			Receipts: standing.Receipts{Statuses: map[string]int{"success": 12, "failed:user block": 1}, LateS: 1.25},
			Kinds: map[message.Kind]standing.Lane{
				message.Template: {State: standing.Running, OldestS: 90, Rate: standing.Rate{Configured: 12.5, Now: 10},
					Backlog: standing.Backlog{Pending: 41, Scheduled: 42, Waiting: 44}, Quota: standing.Quota{Used: 33, Limit: &limit}},
				message.Bizsend: {State: standing.Parked, Park: &standing.Park{By: "wechat", Reason: "daily", Words: "WeChat's quota of the day is used up: <b>reach max</b>",
					ErrMsg: "<b>reach max</b>", ErrCode: 45009, RID: "rid-1", Host: "host-1", Since: at(20), Until: at(24)}, Rate: standing.Rate{Configured: 12.5, Now: 10}},
				message.Onetime: {State: standing.Parked, Park: &standing.Park{By: standing.Person, Who: "ops", Reason: "a sale", Words: "a sale", Since: at(21)},
					Rate: standing.Rate{Configured: 12.5, Now: 10}},
			}},
			Batches: []standing.Batch{{Name: "spring", Account: "shop", State: "running", Total: 200, Queued: 150, Accepted: 40, CreatedAt: at(19),
				Ended: map[message.State]int{message.Accepted: 40, message.Refused: 10}}}},
		{Account: standing.Account{Name: "mini", Type: message.MiniProgram}, Failing: map[message.Kind]bool{message.Uniform: true}},
	}
}

func TestOverviewShowsAccountsLanesAndBatches(t *testing.T) {
	got := ask(overviewOf(shopAccounts(), nil), "GET", "/", "Accept-Language", "en-GB")
	body := got.Body.String()
	for _, part := range []string{
		`<html lang="en">`, "shop", "official account", "12.5 a second", "10 a second", "1.2.3",
		`<a href="/queues/queues/shop.template">template</a>`, `<span class="state running">running</span>`,
		">41<", ">42<", ">44<", "1 min 30 s", "33 / 100", "ends in 1 h 50 min", "12 success", "1 failed:user block", "1.2 s after the send",
		`<span class="state parked">parked</span>`, "&lt;b&gt;reach max&lt;/b&gt;", "errcode 45009, rid rid-1", "wechat @ host-1",
		"since 2026-11-22 20:00:00", "until 2026-11-23 00:00:00", "a sale", "by ops", "until somebody ends it",
		`href="/failed?account=shop&amp;state=in_doubt">2<`, `href="/failed?account=shop">7<`,
		`href="/batch?account=shop&amp;name=spring"`, `<progress max="200" value="50"`, ">150<", `data-label="Bad ends">10<`,
		`<span class="state failing">no Redis</span>`, `<td class="n">?</td>`,
		`http-equiv="refresh" content="5"`, `name="viewport"`, `href="/metrics"`,
	} {
		if !strings.Contains(body, part) {
			t.Errorf("the overview lacks %q", part)
		}
	}
	for _, part := range []string{"role=\"alert\"", "<b>reach", "Park"} {
		if strings.Contains(body, part) {
			t.Errorf("the overview of a read-only worker where nothing is wrong has %q", part)
		}
	}
}

func TestOverviewSpeaksChinese(t *testing.T) {
	got := ask(overviewOf(shopAccounts(), nil), "GET", "/", "Accept-Language", "zh-CN,zh;q=0.9,en;q=0.8")
	for _, part := range []string{`<html lang="zh-CN">`, "公众号", "运行中", "已暂停", "待发送", "今日的微信配额已用完：&lt;b&gt;reach max", "1 小时 50 分后到期", "a sale"} {
		if !strings.Contains(got.Body.String(), part) {
			t.Errorf("the overview lacks %q", part)
		}
	}
	if got.Header().Get("Content-Language") != "zh-CN" || got.Header().Get("Vary") != "Accept-Language" {
		t.Errorf("headers: %v", got.Header())
	}
}

// Every text that stands in a page has its Chinese, and no Chinese is left over.
func TestEveryTextHasItsChinese(t *testing.T) {
	said := map[string]bool{}
	files, err := fs.Glob(pageFiles, "pages/*.html")
	if err != nil || len(files) < 8 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := fs.ReadFile(pageFiles, file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`\$?v?\.T "([^"]+)"`).FindAllSubmatch(text, -1) {
			said[string(found[1])] = true
		}
	}
	for _, trouble := range troubles {
		said[trouble.title] = true
	}
	for text := range said {
		if chineseTexts[text] == "" {
			t.Errorf("%q has no Chinese", text)
		}
	}
	for _, state := range message.States() {
		said[string(state)] = true
		if chineseTexts[string(state)] == "" {
			t.Errorf("state %s has no Chinese", state)
		}
	}
	for _, word := range []string{"%d d", "%d min", "%d s", "This failed", "running", "parked", "paused", "failing", "done", "official", "miniprogram",
		"permit form", "permit payment", "permit consent",
		"End as accepted", "End these %d as accepted", "End all of these as accepted", "Send it again", "End as failed", "End these %d as failed", "End all of these as failed"} {
		said[word] = true
	}
	for text, chinese := range chineseTexts {
		if !said[text] {
			t.Errorf("nobody says %q", text)
		}
		if strings.Count(text, "%") != strings.Count(chinese, "%") {
			t.Errorf("%q and %q take different figures", text, chinese)
		}
	}
}

func TestOverviewTellsWhatIsWrong(t *testing.T) {
	h := overviewOf(nil, errors.New("dial tcp 10.1.2.3:6379: refused"))
	h.Drain()
	body := ask(h, "GET", "/").Body.String()
	for _, part := range []string{"Some figures are missing", "shutting down", "No account is configured"} {
		if !strings.Contains(body, part) {
			t.Errorf("the overview lacks %q", part)
		}
	}
	if strings.Contains(body, "10.1.2.3") {
		t.Error("the overview shows an error's inside")
	}
}

func TestStyleIsServed(t *testing.T) {
	got := ask(New(options()), "GET", "/style.css")
	if got.Code != 200 || got.Header().Get("Content-Type") != "text/css; charset=utf-8" ||
		!strings.Contains(got.Body.String(), "prefers-color-scheme: dark") {
		t.Errorf("answered %d %v", got.Code, got.Header())
	}
}

func TestLanguage(t *testing.T) {
	tests := []struct{ accept, want string }{
		{"", "en"}, {"*", "en"}, {"de,fr;q=0.5", "en"}, {"en", "en"}, {"zh", "zh-CN"}, {"ZH-hant-TW", "zh-CN"},
		{"zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"}, {"en;q=0.8, zh;q=0.9", "zh-CN"}, {"en,zh", "en"},
		{"zh;q=0", "en"}, {"zh;q=x", "en"}, {"zh;q=2", "en"}, {"zh;q=NaN", "en"}, {" zh ; q = 0.3 ", "zh-CN"}, {"zhx", "en"},
	}
	for _, test := range tests {
		if got := wordsFor(test.accept).Tag; got != test.want {
			t.Errorf("%q: %s; want %s", test.accept, got, test.want)
		}
	}
}

func FuzzLanguage(f *testing.F) {
	for _, seed := range []string{"zh-CN,zh;q=0.9,en;q=0.8", ";;,=q", "zh;q=", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		if w := wordsFor(accept); w != english && w != chinese {
			t.Fatalf("%q: no words", accept)
		}
	})
}
