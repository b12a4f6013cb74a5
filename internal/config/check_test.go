package config

import (
	"strings"
	"testing"
	"time"
)

func TestMistakesOfAFile(t *testing.T) {
	account := func(keys string) string { return "accounts: {shop: {type: official, " + keys + "}}" }
	key := func(keys string) string { return "api: {keys: {app: {" + keys + "}}}" }
	tests := []struct{ text, path, words string }{
		// Keys.
		{"reddis: {db: 1}", "reddis", "did you mean redis?"},
		{"redis: {addr: [a:1]}", "redis.addr", "did you mean addrs?"},
		{account("appId: wx"), "accounts.shop.appId", "did you mean appid?"},
		{account("base-url: x"), "accounts.shop.base-url", "did you mean base_url?"},
		{"worker: {min_delay: 1s}", "worker.min_delay", "did you mean retry.min_delay?"},
		{"log: {colour: red}", "log.colour", "known here: level, format"},
		{"Redis: {db: 1}", "Redis", "did you mean redis?"},
		{"redis: {db: 1, db: 2}", "redis.db", "stands twice"},
		{account("daily_quota: {templat: 1}"), "accounts.shop.daily_quota.templat", "did you mean template?"},
		// Types.
		{"redis: 5", "redis", "found text"},
		{"redis: {addrs: a:1}", "redis.addrs", "write a list"},
		{"redis: {db: [1]}", "redis.db", "found a list"},
		{"redis: {db: 1.5}", "redis.db", "whole number"},
		{"redis: {tls: maybe}", "redis.tls", "true or false"},
		{"redis: {addrs: [{a: 1}]}", "redis.addrs[0]", "found keys"},
		{"wechat: {timeout: 5}", "wechat.timeout", "with its unit"},
		{account("rate: fast"), "accounts.shop.rate", "a number"},
		{"[1, 2]", "", "found a list"},
		// Names.
		{"accounts: {Shop: {type: official}}", "accounts.Shop", "lower-case"},
		{"accounts: {my_shop: {type: official}}", "accounts.my_shop", "lower-case"},
		{"accounts: {a.b: {type: official}}", "accounts.a.b", "lower-case"},
		{"api: {keys: {A: {key: 0123456789abcdef}}}", "api.keys.A", "lower-case"},
		// Redis.
		{"redis: {mode: double}", "redis.mode", "single, sentinel, cluster or embedded"},
		{"redis: {addrs: []}", "redis.addrs", "at least one"},
		{"redis: {addrs: [nowhere]}", "redis.addrs", "host:port"},
		{"redis: {addrs: ['a:0']}", "redis.addrs", "from 1"},
		{"redis: {addrs: ['a:1', 'b:1']}", "redis.addrs", "sentinel or cluster"},
		{"redis: {mode: sentinel}", "redis.master_name", "sentinel"},
		{"redis: {master_name: m}", "redis.master_name", "single"},
		{"redis: {mode: cluster, db: 1}", "redis.db", "database 0"},
		{"redis: {mode: embedded, addrs: ['0.0.0.0:6379']}", "redis.password", "for everyone"},
		{"redis: {wait_replicas: -1}", "redis.wait_replicas", "0 or more"},
		// WeChat.
		{"wechat: {base_url: api.weixin.qq.com}", "wechat.base_url", "absolute"},
		{"wechat: {base_url: 'ftp://a.example'}", "wechat.base_url", "http or https"},
		{"wechat: {base_url: 'http://a.example'}", "wechat.base_url", "allow_plain_http"},
		{"wechat: {base_url: 'https://a.example/?x=1'}", "wechat.base_url", "query"},
		{"wechat: {base_url: 'https://u:p@a.example'}", "wechat.base_url", "user"},
		{"wechat: {base_url: ''}", "wechat.base_url", "empty"},
		{account("base_url: 'http://a.example'"), "accounts.shop.base_url", "allow_plain_http"},
		{"wechat: {proxy: 'a.example'}", "wechat.proxy", "socks5"},
		{"wechat: {ca_file: /no/such/file}", "wechat.ca_file", "cannot be read"},
		{"wechat: {timeout: 0s}", "wechat.timeout", "above 0"},
		// Accounts.
		{"accounts: {shop: {}}", "accounts.shop.type", "missing"},
		{"accounts: {shop: }", "accounts.shop.type", "missing"},
		{"accounts: {shop: {type: offical}}", "accounts.shop.type", "official or miniprogram"},
		{account("appid: 'wx 1'"), "accounts.shop.appid", "character"},
		{account("token: steady"), "accounts.shop.token", "stable, classic or external"},
		{account("token_source: {url: 'https://a.example'}"), "accounts.shop.token_source.url", "token: external"},
		{account("rate: 0.1"), "accounts.shop.rate", "0.2 to 5000"},
		{account("rate: 5001"), "accounts.shop.rate", "0.2 to 5000"},
		{account("rate: NaN"), "accounts.shop.rate", "0.2 to 5000"},
		{account("burst: 0"), "accounts.shop.burst", "1 or more"},
		{account("concurrency: 0"), "accounts.shop.concurrency", "1 or more"},
		{account("daily_quota: {wxopen: 1}"), "accounts.shop.daily_quota.wxopen", "template, bizsend or onetime"},
		{account("daily_quota: {template: 0}"), "accounts.shop.daily_quota.template", "1 or more"},
		{account("delivery: once"), "accounts.shop.delivery", "at_most_once or at_least_once"},
		{account("in_doubt: {after: -1s}"), "accounts.shop.in_doubt.after", "0s or more"},
		{account("in_doubt: {then: wait}"), "accounts.shop.in_doubt.then", "drop or resend"},
		{account("consents: ignore"), "accounts.shop.consents", "observe or enforce"},
		{account("template_check: on"), "accounts.shop.template_check", "strict, warn or off"},
		{account("quiet_hours: '22-8'"), "accounts.shop.quiet_hours", "HH:MM-HH:MM"},
		{account("quiet_hours: '08:00-08:00'"), "accounts.shop.quiet_hours", "starts when it ends"},
		{account("callback: {aes_key: short, token: x}"), "accounts.shop.callback.aes_key", "has 43"},
		{account("callback: {aes_key: '" + strings.Repeat("=", 43) + "', token: x}"), "accounts.shop.callback.aes_key", "base64"},
		{account("callback: {aes_key: '" + strings.Repeat("A", 43) + "'}"), "accounts.shop.callback.token", "aes_key is set"},
		{account("callback: {forward: {url: here}}"), "accounts.shop.callback.forward.url", "absolute"},
		{account("events: {url: 'mailto:x@y'}"), "accounts.shop.events.url", "absolute"},
		// The rest.
		{"retry: {max_attempts: 0}", "retry.max_attempts", "1 or more"},
		{"retry: {min_delay: 10m}", "retry.max_delay", "less than min_delay"},
		{"park: {probe_interval: 0s}", "park.probe_interval", "above 0"},
		{"message: {keep: -1h}", "message.keep", "above 0"},
		{"worker: {listen: here}", "worker.listen", "host:port"},
		{"worker: {ui: both}", "worker.ui", "read_only or read_write"},
		{"worker: {user: me}", "worker.password", "both or none"},
		{"worker: {password: x}", "worker.user", "both or none"},
		{"worker: {shutdown_timeout: 9s}", "worker.shutdown_timeout", "at least 10s"},
		{account("timeout: 16s"), "worker.shutdown_timeout", "accounts.shop.timeout"},
		{key("scopes: [send]"), "api.keys.app.key", "missing"},
		{key("key: short, scopes: [send]"), "api.keys.app.key", "at least 16"},
		{key("key: 0123456789abcdef"), "api.keys.app.scopes", "may do nothing"},
		{key("key: 0123456789abcdef, scopes: [sent]"), "api.keys.app.scopes", "send, read, token, admin or push"},
		{key("key: 0123456789abcdef, scopes: [send], accounts: [shop]"), "api.keys.app.accounts", "known: none"},
		{"log: {level: loud}", "log.level", "debug, info, warn or error"},
		{"log: {format: xml}", "log.format", "json or text"},
		{"traces: {endpoint: 'localhost:4318'}", "traces.endpoint", "absolute"},
		{"traces: {endpoint: 'grpc://a.example:4318'}", "traces.endpoint", "http or https"},
		{"traces: {endpoint: 'http://a.example:4317'}", "traces.endpoint", "gRPC"},
		{"traces: {endpoint: 'https://a.example/?key=1'}", "traces.endpoint", "query"},
		{"traces: {endpoint: 'https://u:p@a.example'}", "traces.endpoint", "user"},
		{"traces: {authorization: Bearer x}", "traces.authorization", "endpoint is empty"},
		{"traces: {endpoint: 'http://a.example:4318', authorization: Bearer x}", "traces.authorization", "plain http"},
		{"traces: {sample: 1.5}", "traces.sample", "0 to 1"},
		{"traces: {sample: -1}", "traces.sample", "0 to 1"},
		{"traces: {sample: NaN}", "traces.sample", "0 to 1"},
		{"traces: {sample: all}", "traces.sample", "a number"},
		{"traces: {headers: {a: b}}", "traces.headers", "known here"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			_, err := load(t, tt.text)
			if err == nil {
				t.Fatal("no mistake found")
			}
			fields := fieldsOf(t, err)
			if text := fields[tt.path]; !strings.Contains(text, tt.words) {
				t.Errorf("at %q: %q, want %q in it (all: %v)", tt.path, text, tt.words, err)
			}
			if len(fields) != 1 {
				t.Errorf("one mistake was told as %d: %v", len(fields), err)
			}
		})
	}
}

func TestEveryMistakeAtOnceWithFileAndLine(t *testing.T) {
	_, err := load(t, "redis:\n  db: one\n  colour: red\nlog:\n  level: loud\n", "WXDISPATCH_WORKER_UI=none", "WXDISPATCH_X=1")
	fields := fieldsOf(t, err)
	want := map[string]string{
		"redis.db":     "config.yaml line 2",
		"redis.colour": "config.yaml line 3",
		"log.level":    "config.yaml line 5",
		"worker.ui":    "WXDISPATCH_WORKER_UI",
		"WXDISPATCH_X": "no key",
	}
	for path, where := range want {
		if !strings.Contains(fields[path], where) {
			t.Errorf("%s: %q, want %q in it", path, fields[path], where)
		}
	}
	if len(fields) != len(want) || !strings.Contains(err.Error(), "config.yaml: 5 mistakes") {
		t.Errorf("want these and no others: %v", err)
	}
}

func TestYAMLThatCannotBeRead(t *testing.T) {
	for text, want := range map[string]string{
		"redis:\n  db: [1\nlog: x":         "line",
		"redis: {}\n---\nredis: {}\n":      "second document",
		"redis:\n\tdb: 1":                  "line 2",
		"accounts: {shop: *nobody}":        "in quotes",
		"a: &a {<<: *a}":                   "",
		"redis: &r {<<: {<<: {db: 1}}}":    "brings in another",
		"redis: {<<: 5}":                   "name of a mapping",
		"redis: {[1, 2]: 3}":               "as a key",
		"\xff\xfe\x00":                     "",
		"accounts:\n  shop: &s\n    x: *s": "",
	} {
		_, err := load(t, text)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), ConfigFile) {
			t.Errorf("%q: got %v, want %q and the file's name in it", text, err, want)
		}
	}
}

func TestWhatAProgramNeeds(t *testing.T) {
	const (
		ready    = "accounts: {shop: {type: official, appid: wx1, secret: s}}\n"
		external = "accounts: {shop: {type: official, appid: wx1, token: external, token_source: {url: 'https://a.example'}}}\n"
		missing  = "accounts: {shop: {type: official}}\n"
	)
	tests := []struct {
		name, text    string
		worker, serve []string // the mistakes' paths
	}{
		{"ready", ready, nil, nil},
		{"a token centre instead of a secret", external, nil, nil},
		{"no accounts", "", []string{"accounts"}, []string{"accounts"}},
		{"no secrets", missing, []string{"accounts.shop.appid", "accounts.shop.secret"}, []string{"accounts.shop.appid", "accounts.shop.secret"}},
		{"a token centre without address", "accounts: {shop: {type: official, appid: wx1, token: external}}",
			[]string{"accounts.shop.token_source.url"}, []string{"accounts.shop.token_source.url"}},
		{"page for everyone", ready + "worker: {listen: ':8080'}", []string{"worker.listen"}, nil},
		{"page with credentials", ready + "worker: {listen: ':8080', user: me, password: p}", nil, nil},
		{"page on IPv6's loopback", ready + "worker: {listen: '[::1]:8080'}", nil, nil},
		{"API for everyone", ready + "api: {listen: '0.0.0.0:1'}", nil, []string{"api.listen"}},
		{"API with a key", ready + "api: {listen: '0.0.0.0:1', keys: {a: {key: 0123456789abcdef, scopes: [send]}}}", nil, nil},
		{"callbacks for everyone", ready + "callback: {listen: ':1'}", nil, []string{"accounts.shop.callback.token"}},
		{"callbacks with a token", "accounts: {shop: {type: official, appid: wx1, secret: s, callback: {token: t}}}\ncallback: {listen: ':1'}", nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := mustLoad(t, tt.text)
			wantPaths(t, "worker", cfg.CheckWorker(), tt.worker)
			wantPaths(t, "serve", cfg.CheckServe(), tt.serve)
			if err := cfg.CheckProducer(); err != nil {
				t.Errorf("a producer needs redis alone, got %v", err)
			}
		})
	}
}

func TestCheckAccount(t *testing.T) {
	cfg := mustLoad(t, "accounts: {shop: {type: official, appid: wx1, secret: s}, mini: {type: miniprogram}}")
	wantPaths(t, "shop", cfg.CheckAccount("shop"), nil)
	wantPaths(t, "mini", cfg.CheckAccount("mini"), []string{"accounts.mini.appid", "accounts.mini.secret"})
	wantPaths(t, "shup", cfg.CheckAccount("shup"), []string{"accounts.shup"})
}

func wantPaths(t *testing.T, program string, err error, want []string) {
	t.Helper()
	if err == nil && len(want) == 0 {
		return
	}
	fields := fieldsOf(t, err)
	for _, path := range want {
		if fields[path] == "" {
			t.Errorf("%s: no mistake at %s: %v", program, path, err)
		}
	}
	if len(fields) != len(want) {
		t.Errorf("%s: got %v, want mistakes at %v only", program, err, want)
	}
}

func TestQuietHours(t *testing.T) {
	at := func(clock string) time.Time {
		tm, err := time.Parse(time.RFC3339, "2026-11-22T"+clock+":00+08:00")
		if err != nil {
			t.Fatal(err)
		}
		return tm
	}
	tests := []struct {
		hours string
		now   time.Time
		want  time.Time
	}{
		{"", at("23:00"), time.Time{}},
		{"22:00-08:00", at("21:59"), time.Time{}},
		{"22:00-08:00", at("22:00"), at("08:00").AddDate(0, 0, 1)},
		{"22:00-08:00", at("07:59").UTC(), at("08:00")},
		{"22:00-08:00", at("08:00"), time.Time{}},
		{"12:00-13:30", at("13:00"), at("13:30")},
		{"12:00-13:30", at("13:30"), time.Time{}},
	}
	for _, tt := range tests {
		if got := (Account{QuietHours: tt.hours}).Quiet().Until(tt.now); !got.Equal(tt.want) {
			t.Errorf("%q at %s: until %s, want %s", tt.hours, tt.now, got, tt.want)
		}
	}
}
