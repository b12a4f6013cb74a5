package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wxdispatch/internal/message"
	"wxdispatch/internal/secrettest"
	"wxdispatch/internal/wechat/wechattest"
)

// templateShell is a shell with both accounts at a stand-in.
func templateShell(t *testing.T) *shell {
	t.Helper()
	sim, err := wechattest.Start(wechattest.Options{Apps: []wechattest.App{
		{AppID: "wxshop", Secret: "hush-hush-hush", Type: message.Official}, {AppID: "wxmini", Secret: "hush-hush-hush", Type: message.MiniProgram}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	s := miniShell(t)
	s.environ = append(s.environ, "WXDISPATCH_WECHAT_BASE_URL="+sim.URL, "WXDISPATCH_ACCOUNTS_SHOP_APPID=wxshop", "WXDISPATCH_ACCOUNTS_SHOP_SECRET=hush-hush-hush",
		"WXDISPATCH_ACCOUNTS_MINI_APPID=wxmini", "WXDISPATCH_ACCOUNTS_MINI_SECRET=hush-hush-hush")
	return s
}

// From the library to a message as its user reads it, and away again.
func TestATemplateFromTheLibraryToItsEnd(t *testing.T) {
	s := templateShell(t)
	s.run("", "template", "library", "mini").exits(exitOK).shows("AT0003", "订单支付成功通知", "AT0036").says("35 of 35 titles")
	if lines := s.run("", "template", "library", "mini", "--search", "訂單支付", "--json").exits(exitOK).lines(); len(lines) != 1 || lines[0]["id"] != "AT0003" {
		t.Errorf("search: %v", lines)
	}
	s.run("", "template", "library", "mini", "--search", "火星").exits(exitRefused).says("none of the 35 titles")
	s.run("", "template", "keywords", "mini", "AT0003").exits(exitOK).says("订单支付成功通知").shows("支付金额", "¥56.00")
	if got := s.run("", "template", "keywords", "mini", "AT0003", "--json").exits(exitOK).lines()[0]; len(got["keywords"].([]any)) != 6 || got["title"] != "订单支付成功通知" {
		t.Errorf("keywords: %v", got)
	}
	s.run("", "template", "keywords", "mini", "AT9999").exits(exitRefused).says("there is no such template or title (errcode 40037")
	got := s.run("", "template", "add", "mini", "AT0003", "--keywords", "2,1", "--json").exits(exitOK).lines()[0]
	id, _ := got["template_id"].(string)
	s.run("", "template", "list", "mini").exits(exitOK).shows(id, "wxopen", "subscription", "keyword1 keyword2")
	secrettest.Hidden(t, "output", s.run("", "template", "list", "mini", "--json").out, "hush-hush-hush")
	render := s.run("", "template", "render", "mini", id, "--data", "keyword1=¥56.00", "--data", "keyword2=20261122-0042").exits(exitOK)
	if render.out != "订单支付成功通知\n支付金额¥56.00\n订单号码20261122-0042\n" {
		t.Errorf("render: %q", render.out)
	}
	s.run("", "template", "render", "mini", id, "--data", "keyword9=x").exits(exitRefused).
		says("data.keyword1: missing", "data.keyword9: the template has no such placeholder; it has keyword1, keyword2")
	s.run("", "template", "delete", "mini", id).exits(exitUsage).says("add --yes")
	s.run("", "template", "delete", "mini", id, "--yes").exits(exitOK).shows("deleted " + id)
	s.run("", "template", "delete", "mini", id, "--yes").exits(exitRefused).says("has no template " + id)
	s.run("", "template", "render", "mini", id).exits(exitRefused)
}

func TestWhatOfTheLibraryIsRefusedBeforeTheCall(t *testing.T) {
	s := templateShell(t)
	s.run("", "template", "library", "shop").exits(exitUsage).says("account shop is official; the library is for mini programs")
	s.run("", "template", "add", "mini", "AT0003").exits(exitUsage).says("--keywords is missing")
	s.run("", "template", "add", "mini", "AT0003", "--keywords", "1,2,1").exits(exitUsage).says("keyword_id_list[2]: found 1, which stands at keyword_id_list[0] already")
	s.run("", "template", "add", "mini", "AT0003", "--keywords", "1,2,3,4,5,6,7,8,9,10,11").exits(exitUsage).says("found 11 keywords; allowed are 1 to 10")
	s.run("", "template", "add", "mini", "AT0003", "--keywords", "77").exits(exitRefused).says("WeChat does not take this list of keywords", "45100")
	s.run("", "template").exits(exitUsage).says("is missing")
	s.run("", "template", "wash").exits(exitUsage).says(`found template "wash"`)
	bare := miniShell(t)
	bare.run("", "template", "list", "shop").exits(exitUsage).says("secret")
	bare.run("", "template", "render", "shop", "T").exits(exitRefused).says("its secret is not configured, so WeChat was not asked")
	bare.run("", "template", "lint", "shop").exits(exitRefused).says("nothing is known of the templates of account shop yet")
}

func TestAnOfficialAccountsTemplates(t *testing.T) {
	s := templateShell(t)
	s.run("", "template", "list", "shop").exits(exitOK).shows("ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY", "信用卡消费提醒", "User Date CardNumber Type Money DeadTime Left")
	got := s.run("", "template", "render", "shop", "Kx2vQ8mTn0bLr5YdJ7cWfH3sPz9aEoUi6GtXqB1wRk4", "--json", "--data", "first=您好", "--data", "keyword1=咖啡", "--data", "keyword2=¥56.00").exits(exitOK).lines()[0]
	if got["text"] != "购买成功通知\n商品:咖啡\n价格:¥56.00" || len(got["warnings"].([]any)) != 1 {
		t.Errorf("render: %v", got)
	}
}

func TestLintReadsFilesAndAccounts(t *testing.T) {
	s := templateShell(t)
	file := filepath.Join(t.TempDir(), "templates.csv")
	if err := os.WriteFile(file, []byte("title,keyword1,example1\n取餐提醒,取餐时间,15:01\n您的优惠券到账,内容,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run("", "template", "lint", file).exits(exitRefused).shows("title-ending", "title-personal", "marketing", "keyword-broad", "line 3 keyword 1").says("2 templates: 4 findings")
	found := s.run(`{"title":"取餐提醒","keywords":[{"name":"取餐时间","example":"尽快"}]}`, "template", "lint", "-", "--json").exits(exitRefused).lines()
	if len(found) != 1 || found[0]["rule"] != "example-mismatch" || found[0]["place"] != "stdin #1 keyword 1 example" || found[0]["pass"] == "" {
		t.Errorf("got %v", found)
	}
	s.run(`{"title":"取餐提醒"}`, "template", "lint", "-").exits(exitOK).says("1 template: nothing found")
	s.run(`{`, "template", "lint", "-").exits(exitUsage).says("is no JSON")
	s.run("", "template", "lint", "nothing.csv").exits(exitUsage)
	s.run("", "template", "lint").exits(exitUsage).says("name an account, or files")
	// The stand-in's own pass, from WeChat and, without a secret, as last read.
	s.run("", "template", "lint", "mini").exits(exitOK).says("3 templates: nothing found")
	kept := &shell{t, nil}
	for _, v := range s.environ {
		if !strings.Contains(v, "_SECRET=") {
			kept.environ = append(kept.environ, v)
		}
	}
	kept.run("", "template", "lint", "mini").exits(exitOK).says("3 templates: nothing found")
}
