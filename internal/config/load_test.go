package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// load reads YAML and variables in an empty directory.
func load(t testing.TB, text string, env ...string) (*Config, error) {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, ConfigFile, text)
	return Load(Options{Dir: dir, Env: env})
}

func write(t testing.TB, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func mustLoad(t testing.TB, text string, env ...string) *Config {
	t.Helper()
	cfg, err := load(t, text, env...)
	if err != nil {
		t.Fatalf("want no mistake, got %v", err)
	}
	return cfg
}

// fieldsOf returns the mistakes of an error by path.
func fieldsOf(t testing.TB, err error) map[string]string {
	t.Helper()
	var e *fault.Error
	if !errors.As(err, &e) {
		t.Fatalf("want a fault, got %v", err)
	}
	if e.Class != fault.Invalid {
		t.Fatalf("class %q, want invalid", e.Class)
	}
	fields := map[string]string{}
	for _, f := range e.Fields {
		fields[f.Path] = f.Message
	}
	return fields
}

const shop = "accounts: {shop: {type: official}}\n"

func TestNothingWrittenIsTheDefaults(t *testing.T) {
	cfg, err := Load(Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if want := Defaults(); !reflect.DeepEqual(*cfg, want) {
		t.Errorf("got  %+v\nwant %+v", *cfg, want)
	}
	empty := mustLoad(t, "# nothing but words\n")
	if empty.File = ""; !reflect.DeepEqual(*empty, Defaults()) {
		t.Errorf("an empty file changes the defaults: %+v", *empty)
	}
}

func TestWhichFileIsRead(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, ConfigFile, "redis: {db: 1}")
	write(t, dir, "two.yaml", "redis: {db: 2}")
	three := write(t, t.TempDir(), "three.yaml", "redis: {db: 3}")
	tests := []struct {
		name string
		file string
		env  []string
		want int
	}{
		{"the working directory's", "", nil, 1},
		{"the variable's", "", []string{"WXDISPATCH_CONFIG=two.yaml"}, 2},
		{"an absolute path", "", []string{"WXDISPATCH_CONFIG=" + three}, 3},
		{"--config before the variable", three, []string{"WXDISPATCH_CONFIG=two.yaml"}, 3},
		{"an empty variable is none", "", []string{"WXDISPATCH_CONFIG="}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg, err := Load(Options{Dir: dir, File: tt.file, Env: tt.env})
			if err != nil {
				t.Fatal(err)
			}
			if cfg.Redis.DB != tt.want {
				t.Errorf("read file %d, want %d", cfg.Redis.DB, tt.want)
			}
		})
	}
	_, err := Load(Options{Dir: dir, File: "absent.yaml"})
	if err == nil || !strings.Contains(err.Error(), "absent.yaml") || !fault.Is(err, fault.Invalid) {
		t.Errorf("a file that was named and is absent: %v", err)
	}
}

func TestValuesOfEveryType(t *testing.T) {
	cfg := mustLoad(t, `
redis: {mode: cluster, addrs: [a:1, "b:2"], password: 0123, tls: True}
accounts:
  my-shop:
    type: official
    rate: 0.5
    daily_quota: {template: 100000, bizsend: 7}
    in_doubt: {after: 1h30m, then: resend}
    only_to: [o1, o2]
    delivery: at_least_once
`)
	shop := cfg.Accounts["my-shop"]
	checks := []struct {
		name      string
		got, want any
	}{
		{"list", cfg.Redis.Addrs, []string{"a:1", "b:2"}},
		{"text keeps its digits", cfg.Redis.Password.Reveal(), "0123"},
		{"bool", cfg.Redis.TLS, true},
		{"float", shop.Rate, 0.5},
		{"by kind", shop.DailyQuota, map[message.Kind]int{message.Template: 100000, message.Bizsend: 7}},
		{"duration", shop.InDoubt.After, 90 * time.Minute},
		{"account's default", shop.Burst, 20},
		{"account's list", shop.OnlyTo, []string{"o1", "o2"}},
		{"named type", shop.Delivery, message.AtLeastOnce},
	}
	for _, c := range checks {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, c.got, c.want)
		}
	}
}

func TestAccountsKeysOfWeChatWin(t *testing.T) {
	const global = "wechat: {base_url: https://a.example/prefix/, timeout: 3s}\n"
	tests := []struct{ name, text, env string }{
		{"directly", "accounts: {shop: {type: official, timeout: 4s}}", ""},
		{"below wechat", "accounts: {shop: {type: official, wechat: {timeout: 4s}}}", ""},
		{"variable", shop, "WXDISPATCH_ACCOUNTS_SHOP_TIMEOUT=4s"},
		{"variable below wechat", shop, "WXDISPATCH_ACCOUNTS_SHOP_WECHAT_TIMEOUT=4s"},
		{"variable over file", "accounts: {shop: {type: official, wechat: {timeout: 9s}}}", "WXDISPATCH_ACCOUNTS_SHOP_TIMEOUT=4s"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := mustLoad(t, global+tt.text, tt.env).Accounts["shop"].WeChat
			want := WeChat{BaseURL: "https://a.example/prefix", Timeout: 4 * time.Second}
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
	_, err := load(t, "accounts: {shop: {type: official, timeout: 4s, wechat: {timeout: 3s}}}")
	if text := fieldsOf(t, err)["accounts.shop.timeout"]; !strings.Contains(text, "twice") {
		t.Errorf("two values for one key: %q", text)
	}
}

func TestMergeKeys(t *testing.T) {
	cfg := mustLoad(t, `
accounts:
  a: &base {type: official, rate: 7, burst: 3}
  b: {<<: *base, burst: 4}
`)
	if b := cfg.Accounts["b"]; b.Rate != 7 || b.Burst != 4 {
		t.Errorf("b is %v, %d; want what << brings in, its own keys first", b.Rate, b.Burst)
	}
}

func TestSecretFiles(t *testing.T) {
	dir := t.TempDir()
	secret := write(t, dir, "secret", "  from-a-file\n")
	blank := write(t, dir, "blank", "\n")
	account := func(keys string) string { return "accounts: {shop: {type: official, " + keys + "}}" }
	tests := []struct{ name, text, env, want, mistake string }{
		{"file", account("secret_file: " + secret), "", "from-a-file", ""},
		{"empty text beside it", account(`secret: "", secret_file: ` + secret), "", "from-a-file", ""},
		{"both", account("secret: x, secret_file: " + secret), "", "", "accounts.shop.secret"},
		{"variable names a file", account("secret: x"), "WXDISPATCH_ACCOUNTS_SHOP_SECRET_FILE=" + secret, "from-a-file", ""},
		{"variable over a file's file", account("secret_file: " + secret), "WXDISPATCH_ACCOUNTS_SHOP_SECRET=env", "env", ""},
		{"absent", account("secret_file: /no/such/file"), "", "", "accounts.shop.secret_file"},
		{"empty", account("secret_file: " + blank), "", "", "accounts.shop.secret_file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg, err := load(t, tt.text, tt.env)
			if tt.mistake != "" {
				if text := fieldsOf(t, err)[tt.mistake]; text == "" {
					t.Errorf("no mistake at %s: %v", tt.mistake, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := cfg.Accounts["shop"].Secret.Reveal(); got != tt.want {
				t.Errorf("secret is %q, want %q", got, tt.want)
			}
		})
	}
}

func TestEverySecretHasAFile(t *testing.T) {
	var all []string
	configShape().leaves("", func(path string) { all = append(all, path) })
	text := "\n" + strings.Join(all, "\n") + "\n"
	for _, path := range []string{"redis.password", "accounts.NAME.secret", "accounts.NAME.token_source.key",
		"accounts.NAME.callback.token", "accounts.NAME.callback.aes_key", "accounts.NAME.events.secret",
		"worker.password", "worker.metrics_token", "api.keys.NAME.key"} {
		if !strings.Contains(text, "\n"+path+"_file\n") {
			t.Errorf("%s_file is no key", path)
		}
	}
}
