package main

import (
	"testing"
	"time"
)

func TestUsersSwitches(t *testing.T) {
	eachPlant(t, func(p *plant) {
		p.run("", "suppress", "list", "shop", "oUser").exits(exitOK).says("nothing is kept")
		p.run("", "suppress", "add", "shop", "oUser", "--template", "tpl", "--until", "30d").exits(exitOK).shows("tpl", "29d 23h", "app")
		p.run("", "suppress", "add", "shop", "oUser").exits(exitOK).shows("everything", "for good")
		p.run(order("a", "1"), "send").exits(exitRefused)
		p.run("", "suppress", "list", "shop", "oUser", "--json").exits(exitOK).shows(`{"openid":"oUser","suppressions":[{"template_id":"","until":null,"by":"app"},{"template_id":"tpl"`)
		p.run("", "suppress", "remove", "shop", "oUser").exits(exitOK).shows("tpl")
		p.run("", "suppress", "remove", "shop", "oUser").exits(exitRefused).says("nothing was lifted")
		p.run("", "suppress", "remove", "shop", "oUser", "--template", "tpl").exits(exitOK)
		p.run(order("a", "1"), "send").exits(exitOK)
		p.run("", "suppress", "add", "shop", "o U").exits(exitRefused).says("openid")
		p.run("", "suppress", "add", "shop", "oUser", "--until", "2020-01-01").exits(exitUsage).says("a time to come")
		p.run("", "suppress").exits(exitUsage)
		p.run("", "suppress", "delete").exits(exitUsage).says("add, list or remove")
	})
}

func TestTimesToCome(t *testing.T) {
	now := time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"72h": now.Add(72 * time.Hour), "30d": now.Add(30 * 24 * time.Hour),
		"2026-12-24T20:00:00Z": time.Date(2026, 12, 24, 20, 0, 0, 0, time.UTC),
		"2026-11-22":           time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC).Add(-time.Millisecond),
	} {
		if got, ok := comes(text, now); !ok || !got.Equal(want) {
			t.Errorf("%s: %s, %v; want %s", text, got, ok, want)
		}
	}
	for _, text := range []string{"0h", "-1h", "soon", "2026-11-21", "2026-11-22T19:59:59Z"} {
		if got, ok := comes(text, now); ok {
			t.Errorf("%s: %s", text, got)
		}
	}
}
