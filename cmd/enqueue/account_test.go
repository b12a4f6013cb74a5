package main

import (
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat/wechattest"
)

func TestParkingAnAccount(t *testing.T) {
	s := miniShell(t)
	s.environ = append(s.environ, "USER=ann")
	s.run(order("a", "x"), "send").exits(exitOK)
	s.run("", "account", "park", "shop", "--kind", "template", "--reason", "price is wrong", "--until", "2h").exits(exitOK).says("parked template of shop")
	got := s.run("", "account", "show", "shop").exits(exitOK)
	for _, want := range []string{"template is parked by ann@", "price is wrong", "until ", "(in 1h 59m)", "bizsend", "running"} {
		if !strings.Contains(got.out, want) {
			t.Errorf("show does not tell %q:\n%s", want, got.out)
		}
	}
	line := s.run("", "account", "show", "shop", "--json").exits(exitOK).lines()[0]
	kinds := line["kinds"].(map[string]any)
	lane := kinds["template"].(map[string]any)
	park := lane["park"].(map[string]any)
	if line["name"] != "shop" || lane["state"] != "parked" || park["by"] != "operator" || park["reason"] != "price is wrong" ||
		lane["backlog"].(map[string]any)["pending"] != 1.0 || park["next_probe"] != nil {
		t.Errorf("show --json tells %v", line)
	}
	if got := s.run("", "account", "list").exits(exitOK); !strings.Contains(got.out, "price is wrong") || !strings.Contains(got.out, "mini") {
		t.Errorf("list:\n%s", got.out)
	}
	s.run("", "account", "park", "shop", "--reason", "all of it").exits(exitOK)
	s.run("", "account", "unpark", "shop", "--kind", "template").exits(exitOK).says("a park of all kinds still holds it")
	if got := s.run("", "account", "unpark", "shop").exits(exitOK); strings.Contains(got.out, "parked") {
		t.Errorf("after unpark:\n%s", got.out)
	}
	s.run("", "account", "unpark", "shop").exits(exitOK).says("was parked")
	log := s.run("", "account", "log", "shop", "--json").exits(exitOK).lines()
	if len(log) != 4 || log[0]["what"] != "unpark" || log[3]["words"] != "price is wrong" || !strings.HasPrefix(log[3]["who"].(string), "ann@") {
		t.Errorf("the log tells %v", log)
	}
	if got := s.run("", "account", "log", "shop").exits(exitOK); !strings.Contains(got.out, "price is wrong") {
		t.Errorf("log:\n%s", got.out)
	}
}

func TestMistakesAtAnAccount(t *testing.T) {
	s := miniShell(t)
	s.run("", "account").exits(exitUsage).says("is missing")
	s.run("", "account", "stop").exits(exitUsage).says(`found account "stop"`)
	s.run("", "account", "park", "shop").exits(exitUsage).says("--reason is missing")
	s.run("", "account", "park", "shop", "--reason", "x", "--kind", "letter").exits(exitUsage).says(`found "letter"`)
	s.run("", "account", "park", "shop", "--reason", "x", "--kind", "wxopen").exits(exitUsage).says("sends [template")
	s.run("", "account", "park", "shop", "--reason", "x", "--until", "yesterday").exits(exitUsage).says("--until found")
	s.run("", "account", "park", "shop", "--reason", "x", "--until", "2020-01-01T00:00:00Z").exits(exitUsage).says("is over already")
	s.run("", "account", "show", "none").exits(exitUsage).says("no account none is known")
	s.run("", "account", "set", "shop").exits(exitUsage).says("nothing is set")
	s.run("", "account", "set", "shop", "--quota", "template").exits(exitUsage).says("write KIND=N")
	s.run("", "account", "set", "shop", "--quota", "wxopen=1").exits(exitUsage).says("does not send this kind")
	s.run("", "account", "set", "shop", "--reset", "--quota", "template=1").exits(exitUsage).says("give one of the two")
	s.run("", "account", "set", "shop", "--rate", "0").exits(exitUsage).says("account park")
}

func TestARateForAWhile(t *testing.T) {
	s := miniShell(t)
	s.run("", "account", "set", "shop", "--rate", "0.1").exits(exitUsage).says("0.2 to 5000")
	s.run("", "account", "set", "shop", "--rate", "20", "--for", "2h").exits(exitOK)
	rate := func() any {
		kinds := s.run("", "account", "show", "shop", "--json").exits(exitOK).lines()[0]["kinds"].(map[string]any)
		return kinds["template"].(map[string]any)["rate"].(map[string]any)["configured"]
	}
	if got := rate(); got != 20.0 {
		t.Errorf("the rate of all workers is %v, want 20", got)
	}
	if log := s.run("", "account", "log", "shop").exits(exitOK); !strings.Contains(log.out, "rate: 20 a second until") {
		t.Errorf("the log:\n%s", log.out)
	}
	s.run("", "account", "set", "shop", "--reset").exits(exitOK)
	if got := rate(); got == 20.0 {
		t.Error("the rate stays after a reset")
	}
	if got := s.run("", "account", "show", "shop").exits(exitOK); !strings.Contains(got.out, "none was asked for yet") || !strings.Contains(got.out, "receipts of the last hour: none") {
		t.Errorf("show:\n%s", got.out)
	}
}

func TestQuotasForAWhile(t *testing.T) {
	s := miniShell(t)
	s.run("", "account", "set", "shop", "--quota", "template=500", "--quota", "bizsend=0", "--for", "2h").exits(exitOK)
	lines := s.run("", "account", "quota", "shop", "--json").exits(exitOK).says("WeChat's own figures are missing").lines()
	if lines[0]["kind"] != "template" || lines[0]["limit"] != 500.0 || lines[0]["left"] != 500.0 || lines[1]["limit"] != 0.0 || lines[2]["limit"] != nil {
		t.Errorf("got %v", lines)
	}
	s.run("", "account", "set", "shop", "--reset").exits(exitOK)
	if lines := s.run("", "account", "quota", "shop", "--json").lines(); lines[0]["limit"] != nil {
		t.Errorf("after a reset: %v", lines)
	}
}

func TestWeChatsOwnFigures(t *testing.T) {
	sim, err := wechattest.Start(wechattest.Options{Apps: []wechattest.App{{AppID: "wxshop", Secret: "hush-hush-hush", Type: message.Official}}})
	if err != nil {
		t.Fatal(err)
	}
	defer sim.Close()
	sim.SetQuota("wxshop", message.Template, 1000)
	s := miniShell(t)
	s.environ = append(s.environ, "WXDISPATCH_WECHAT_BASE_URL="+sim.URL, "WXDISPATCH_ACCOUNTS_SHOP_APPID=wxshop", "WXDISPATCH_ACCOUNTS_SHOP_SECRET=hush-hush-hush")
	lines := s.run("", "account", "quota", "shop", "--json").exits(exitOK).lines()
	figures := lines[0]["wechat"].(map[string]any)
	if figures["daily_limit"] != 1000.0 || figures["remain"] != 1000.0 || lines[0]["used"] != 0.0 || lines[0]["error"] != nil {
		t.Errorf("got %v", lines[0])
	}
	if got := s.run("", "account", "quota", "shop").exits(exitOK); !strings.Contains(got.out, "1000") {
		t.Errorf("quota:\n%s", got.out)
	}
	s.run("", "account", "clear-quota", "shop").exits(exitUsage).says("0 of the month's 10", "add --yes")
	for i := range 10 {
		got := s.run("", "account", "clear-quota", "shop", "--yes", "--json").exits(exitOK).lines()[0]
		if got["cleared"] != true || got["used"] != float64(i+1) {
			t.Fatalf("clear %d: %v", i+1, got)
		}
	}
	s.run("", "account", "clear-quota", "shop", "--yes").exits(exitRefused).says("the 10 of this month are used up", "48006")
	s.environ = append(s.environ, "WXDISPATCH_ACCOUNTS_SHOP_APPID=wxother", "WXDISPATCH_ACCOUNTS_SHOP_SECRET=another-secret")
	got := s.run("", "account", "quota", "shop")
	got.exits(exitOK).says("missing")
	if all := got.out + got.err; strings.Contains(all, "another-secret") || strings.Contains(all, "hush") {
		t.Errorf("a secret is told:\n%s", all)
	}
}

func TestTimesToCome(t *testing.T) {
	now := time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"": {}, "2h": now.Add(2 * time.Hour), "1d": now.Add(24 * time.Hour), "08:00": now.Add(12 * time.Hour), "20:30": now.Add(30 * time.Minute),
		"72h": now.Add(72 * time.Hour), "30d": now.Add(30 * 24 * time.Hour),
		"2026-11-22":                time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC).Add(-time.Millisecond),
		"2026-11-23T08:00:00+08:00": time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC),
	} {
		if got, err := comes("--until", text, now); err != nil || !got.Equal(want) {
			t.Errorf("%q: got %s, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"soon", "-2h", "0s", "25:00", "2026-11-21", "2026-11-22T19:59:59Z"} {
		if _, err := comes("--until", text, now); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
