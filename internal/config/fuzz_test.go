package config

import (
	"os"
	"strings"
	"testing"

	"wxdispatch/internal/fault"
)

// FuzzLoad holds that any file and any variables give a valid configuration or
// a mistake, never a panic, and that what is written in a password is not in
// the mistake.
func FuzzLoad(f *testing.F) {
	if text, err := os.ReadFile(shipped); err == nil {
		f.Add(text, "WXDISPATCH_REDIS_DB=1")
	}
	f.Add([]byte("accounts: &a {shop: {<<: *a, rate: [x]}}"), "WXDISPATCH_ACCOUNTS_SHOP_CALLBACK_TOKEN=x")
	f.Add([]byte("redis: {addrs: {a: b}}\napi: {keys: {a_b: {}, a-b: {}}}"), "WXDISPATCH_API_KEYS_A_B_KEY=x\nWXDISPATCH___=")
	f.Fuzz(func(t *testing.T, text []byte, env string) {
		vars := strings.Split(env, "\n")
		for _, v := range vars {
			if strings.Contains(v, "_FILE=") || strings.HasPrefix(v, fileVariable+"=") {
				t.Skip("would read files of this machine")
			}
		}
		if strings.Contains(string(text), "_file") {
			t.Skip("would read files of this machine")
		}
		dir := t.TempDir()
		write(t, dir, ConfigFile, string(text))
		cfg, err := Load(Options{Dir: dir, Env: append(vars, "WXDISPATCH_REDIS_PASSWORD="+hidden)})
		if err != nil {
			if cfg != nil || !fault.Is(err, fault.Invalid) || strings.Contains(err.Error(), hidden) {
				t.Errorf("got %v with %v", cfg, err)
			}
			return
		}
		again := newMistakes()
		if cfg.check(again); len(again.fields) > 0 {
			t.Errorf("loaded with mistakes: %v", again.fields)
		}
	})
}
