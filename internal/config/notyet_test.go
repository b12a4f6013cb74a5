package config

import (
	"slices"
	"testing"

	"wxdispatch/internal/message"
)

func TestKeysWithoutEffectAreNamed(t *testing.T) {
	cfg := Defaults()
	cfg.Accounts["shop"] = AccountDefaults(cfg.WeChat)
	if got := cfg.NotYet(); len(got) != 0 {
		t.Fatalf("defaults: got %q, want none", got)
	}
	a := AccountDefaults(cfg.WeChat)
	a.QuietHours, a.DailyQuota, a.Shared = "22:00-08:00", map[message.Kind]int{message.Template: 1}, true // these have one
	a.TemplateCheck = CheckOff
	cfg.Accounts["shop"] = a
	want := []string{"accounts.shop.template_check"}
	if got := cfg.NotYet(); !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
}
