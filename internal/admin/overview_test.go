package admin

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func overviewOf(accounts []Account, err error) *Handler {
	o := options()
	o.Overview = overviewFunc(func(context.Context) ([]Account, error) { return accounts, err })
	return New(o)
}

func TestOverviewShowsLanes(t *testing.T) {
	got := ask(overviewOf(shopAccounts(), nil), "GET", "/", "Accept-Language", "en-GB")
	body := got.Body.String()
	for _, part := range []string{
		`<html lang="en">`, "shop", "official account", "12.5 messages a second", "1.2.3",
		`<a href="/queues/queues/shop.template">template</a>`, `<span class="state running">running</span>`,
		"41", "42", "43", "44", "45", "1m30s",
		`<span class="state parked">parked</span>`, "&lt;b&gt;48001&lt;/b&gt; api unauthorized", `<td class="n">?</td>`,
		`http-equiv="refresh" content="5"`, `name="viewport"`, `href="/metrics"`,
	} {
		if !strings.Contains(body, part) {
			t.Errorf("the overview lacks %q", part)
		}
	}
	if strings.Contains(body, "role=\"alert\"") {
		t.Error("there is nothing to be alarmed at")
	}
}

func TestOverviewSpeaksChinese(t *testing.T) {
	got := ask(overviewOf(shopAccounts(), nil), "GET", "/", "Accept-Language", "zh-CN,zh;q=0.9,en;q=0.8")
	for _, part := range []string{`<html lang="zh-CN">`, "公众号", "运行中", "已暂停", "待发送"} {
		if !strings.Contains(got.Body.String(), part) {
			t.Errorf("the overview lacks %q", part)
		}
	}
	if got.Header().Get("Content-Language") != "zh-CN" || got.Header().Get("Vary") != "Accept-Language" {
		t.Errorf("headers: %v", got.Header())
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
