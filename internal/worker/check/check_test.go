package check

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wxdispatch/internal/config"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/secrettest"
	"wxdispatch/internal/template"
	"wxdispatch/internal/wechat"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "d41d8cd98f00b204"

// fakeServer is a Redis that says what it was told to. It is its own master.
type fakeServer struct {
	down, infoRefused, configRefused error
	ahead                            time.Duration
	info, settings                   map[string]string
}

func (f *fakeServer) Masters(context.Context) ([]Master, error) {
	return []Master{{Server: f}}, f.down
}

func (f *fakeServer) Time(context.Context) (time.Time, error) { return time.Now().Add(f.ahead), f.down }

func (f *fakeServer) Info(context.Context) (map[string]string, error) { return f.info, f.infoRefused }

func (f *fakeServer) Setting(_ context.Context, name string) (string, error) {
	if f.configRefused != nil {
		return "", f.configRefused
	}
	return f.settings[name], nil
}

func (f *fakeServer) Try(context.Context, ...any) error { return f.down }

// fakeWay is a way to WeChat that goes as it was told to.
type fakeWay struct {
	unreached, refused error
	hidden             error // of templates and quotas
	templates, used    int
	fetches            int
}

func (f *fakeWay) Reach(context.Context) error { return f.unreached }
func (f *fakeWay) Close()                      {}

func (f *fakeWay) Templates(context.Context, template.Sort) (int, error) {
	return f.templates, f.hidden
}

func (f *fakeWay) Quota(context.Context, message.Kind) (wechat.Quota, error) {
	return wechat.Quota{Limit: 1000, Used: f.used}, f.hidden
}

func (f *fakeWay) FetchToken(context.Context) (time.Duration, error) {
	f.fetches++
	return 2 * time.Hour, f.refused
}

// scene is a worker's surroundings in which one thing may be wrong.
type scene struct {
	Options
	server *fakeServer
	way    *fakeWay
}

func newScene() *scene {
	cfg := config.Defaults()
	cfg.File = "config.yaml"
	shop := config.AccountDefaults(cfg.WeChat)
	shop.Type, shop.AppID, shop.Secret = message.Official, "wx1", secret
	shop.Callback.Token = "pushtoken"
	cfg.Accounts = map[string]config.Account{"shop": shop}
	s := &scene{way: &fakeWay{templates: 3, used: 7}, server: &fakeServer{
		info: map[string]string{"redis_version": "7.0.15", "maxmemory_policy": "noeviction", "aof_enabled": "1",
			"role": "master", "connected_slaves": "2", "cluster_enabled": "0", "used_memory": "1048576", "maxmemory": "0"},
		settings: map[string]string{"appendfsync": "always", "maxmemory-policy": "noeviction"},
	}}
	s.Options = Options{Config: &cfg, Redis: s.server,
		WeChat: func(string, config.Account) (WeChat, error) { return s.way, nil }}
	return s
}

// edit changes the account shop.
func (s *scene) edit(change func(*config.Account)) {
	a := s.Config.Accounts["shop"]
	change(&a)
	s.Config.Accounts["shop"] = a
}

func refusal(code int, errmsg string) error {
	return &fault.Error{Op: "wechat.token", Class: fault.Account, Code: code, Message: errmsg, RID: "6472dfd0-1-2"}
}

func find(results []Result, name string) Result {
	i := slices.IndexFunc(results, func(r Result) bool { return r.Name == name })
	if i < 0 {
		return Result{}
	}
	return results[i]
}

func TestAllIsWell(t *testing.T) {
	results := slices.Collect(Run(t.Context(), newScene().Options))
	var order []string
	for _, r := range results {
		order = append(order, r.Name)
		if r.Level != OK || r.Do != "" {
			t.Errorf("%+v", r)
		}
	}
	want := "configuration, redis answers, redis version, redis role, redis eviction, redis memory, redis durability, redis clock, " +
		"kinds, callback, base_url, token, templates, quota"
	if got := strings.Join(order, ", "); got != want {
		t.Errorf("checked %s\nwant    %s", got, want)
	}
}

func TestPreparedFaults(t *testing.T) {
	unsent := &fault.Error{Op: "wechat.post", Class: fault.Unsent, Message: "nothing was sent: dial tcp: no such host"}
	tests := []struct {
		name      string
		spoil     func(*scene)
		check     string
		level     Level
		words, do string
	}{
		{"a mistake in the configuration", func(s *scene) {
			s.Mistakes = fault.InvalidFields("config.worker", []fault.Field{{Path: "accounts.shop.secret", Message: "is missing"}})
		}, "configuration", Fail, "accounts.shop.secret: is missing", ""},
		{"an unreadable configuration", func(s *scene) {
			s.Config = nil
			s.Mistakes = &fault.Error{Op: "config.load", Class: fault.Invalid, Message: "config.yaml is not YAML", Err: errors.New("line 3")}
		}, "configuration", Fail, "config.yaml is not YAML: line 3", ""},
		{"an account that is not there", func(s *scene) { s.Account = "shopp" },
			"account", Fail, "no such account; known: shop", "name one"},
		{"embedded Redis", func(s *scene) { s.Config.Redis.Mode = config.Embedded },
			"redis", Warn, "keeps nothing", "redis.mode"},
		{"Redis is down", func(s *scene) { s.server.down = errors.New("connection refused") },
			"redis answers", Fail, "connection refused", "start Redis"},
		{"Redis is old", func(s *scene) { s.server.info["redis_version"] = "5.0.7" },
			"redis version", Fail, "5.0.7", "6.2"},
		{"Redis has no version", func(s *scene) { delete(s.server.info, "redis_version") },
			"redis version", Warn, "not checked", "6.2"},
		{"Redis does not tell its role", func(s *scene) { delete(s.server.info, "role"); delete(s.server.info, "cluster_enabled") },
			"redis role", Warn, "not checked", "master"},
		{"Redis does not tell its memory", func(s *scene) { delete(s.server.info, "used_memory") },
			"redis memory", Warn, "not checked", "room"},
		{"Redis is a replica", func(s *scene) { s.server.info["role"] = "slave" },
			"redis role", Fail, "replica", "master's address"},
		{"Redis is a cluster's node", func(s *scene) { s.server.info["cluster_enabled"] = "1" },
			"redis role", Fail, "one node of a cluster", "redis.mode: cluster"},
		{"Redis is nearly full", func(s *scene) { s.server.info["maxmemory"] = "1100000" },
			"redis memory", Warn, "1.0 MiB of 1.0 MiB", "raise maxmemory"},
		{"too few replicas", func(s *scene) { s.Config.Redis.WaitReplicas = 3 },
			"redis durability", Fail, "3 replicas know of it, and 2 are connected", "wait_replicas"},
		{"Redis wants a password", func(s *scene) { s.server.down = errors.New("NOAUTH Authentication required.") },
			"redis answers", Fail, "NOAUTH", "WXDISPATCH_REDIS_PASSWORD"},
		{"no callback token", func(s *scene) { s.edit(func(a *config.Account) { a.Callback.Token = "" }) },
			"callback", Warn, "no receipt is heard", "accounts.shop.callback.token"},
		{"a webhook without secret", func(s *scene) { s.edit(func(a *config.Account) { a.Events.URL = "https://app/hook" }) },
			"events", Warn, "not signed", "accounts.shop.events.secret"},
		{"no template", func(s *scene) { s.way.templates = 0 },
			"templates", Warn, "has none", "enqueue template library shop"},
		{"the day's quota is short", func(s *scene) { s.way.used = 800 },
			"quota", Warn, "template 800 of 1000", "enqueue account clear-quota shop"},
		{"an eviction policy", func(s *scene) { s.server.info["maxmemory_policy"] = "allkeys-lru" },
			"redis eviction", Fail, "allkeys-lru", "noeviction"},
		{"an eviction policy that only CONFIG tells", func(s *scene) {
			delete(s.server.info, "maxmemory_policy")
			s.server.settings["maxmemory-policy"] = "volatile-ttl"
		}, "redis eviction", Fail, "volatile-ttl", "noeviction"},
		{"CONFIG is refused", func(s *scene) {
			delete(s.server.info, "maxmemory_policy")
			s.server.configRefused = errors.New("unknown command CONFIG")
		}, "redis eviction", Warn, "not checked", "noeviction"},
		{"no append-only file", func(s *scene) { s.server.info["aof_enabled"] = "0" },
			"redis durability", Warn, "repeat or drop all messages since its last snapshot", "appendonly yes"},
		{"fsync every second", func(s *scene) { s.server.settings["appendfsync"] = "everysec" },
			"redis durability", Warn, "repeat or drop the last second", "appendfsync always"},
		{"fsync never", func(s *scene) { s.server.settings["appendfsync"] = "no" },
			"redis durability", Warn, "30 seconds", "appendfsync always"},
		{"fsync is not told", func(s *scene) { s.server.configRefused = errors.New("refused") },
			"redis durability", Warn, "appendonly is on; not checked", "always"},
		{"replicas make up for fsync", func(s *scene) {
			s.server.settings["appendfsync"] = "everysec"
			s.Config.Redis.WaitReplicas = 2
		}, "redis durability", OK, "2 replicas", ""},
		{"Redis's clock is ahead", func(s *scene) { s.server.ahead = 42 * time.Second },
			"redis clock", Warn, "42s ahead of", "NTP"},
		{"Redis's clock is behind", func(s *scene) { s.server.ahead = -time.Hour },
			"redis clock", Warn, "1h0m0s behind", "NTP"},
		{"an account without type", func(s *scene) { s.edit(func(a *config.Account) { a.Type = "" }) },
			"kinds", Fail, "no type", "official"},
		{"a client that cannot be made", func(s *scene) {
			s.WeChat = func(string, config.Account) (WeChat, error) {
				return nil, fault.InvalidFields("wechat.client", []fault.Field{{Path: "ca_file", Message: "cannot be read"}})
			}
		}, "wechat", Fail, "ca_file: cannot be read", "accounts.shop"},
		{"WeChat is out of reach", func(s *scene) { s.way.unreached = unsent },
			"base_url", Fail, "no such host", "proxy"},
		{"somebody else answers", func(s *scene) {
			s.way.unreached = &fault.Error{Op: "wechat.post", Class: fault.Busy, Message: "HTTP 404: the answer is no JSON object"}
		}, "base_url", Warn, "HTTP 404", "base_url"},
		{"classic is left alone", func(s *scene) { s.edit(func(a *config.Account) { a.Token = config.TokenClassic }) },
			"token", Warn, "replaces the token", "--fetch-token"},
		{"the appid is wrong", func(s *scene) { s.way.refused = refusal(40013, "invalid appid") },
			"token", Fail, "errcode 40013: the appid is wrong (rid 6472dfd0-1-2)", "accounts.shop.appid"},
		{"the secret is wrong", func(s *scene) { s.way.refused = refusal(40125, "invalid appsecret") },
			"token", Fail, "errcode 40125: the secret is wrong", "accounts.shop.secret"},
		{"the secret is wrong, classic", func(s *scene) { s.way.refused = refusal(40001, "invalid credential; check") },
			"token", Fail, "errcode 40001: the secret is wrong", "accounts.shop.secret"},
		{"the whitelist", func(s *scene) {
			s.way.refused = refusal(40164, "invalid ip 47.114.108.244 ipv6 ::ffff:47.114.108.244, not in whitelist")
		}, "token", Fail, "address 47.114.108.244 is not on", "add 47.114.108.244 to the whitelist"},
		{"the whitelist without an address", func(s *scene) { s.way.refused = refusal(40164, "not in whitelist") },
			"token", Fail, "errcode 40164", "public address"},
		{"an administrator has to confirm", func(s *scene) { s.way.refused = refusal(89503, "confirm") },
			"token", Fail, "errcode 89503", "administrator"},
		{"a code that nobody knows", func(s *scene) { s.way.refused = refusal(99999, "new trouble") },
			"token", Fail, "WeChat says: new trouble", "documents"},
		{"no secret", func(s *scene) {
			s.way.refused = &fault.Error{Op: "wechat.token", Class: fault.Account, Message: "the account has no appid or no secret"}
		}, "token", Fail, "no secret", "accounts.shop"},
		{"a token source that is away", func(s *scene) {
			s.edit(func(a *config.Account) { a.Token = config.TokenExternal })
			s.way.unreached, s.way.refused = unsent, unsent
		}, "token", Fail, "no such host", "token_source.url"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newScene()
			test.spoil(s)
			results := slices.Collect(Run(t.Context(), s.Options))
			got := find(results, test.check)
			if got.Level != test.level || !strings.Contains(got.Words, test.words) || !strings.Contains(got.Do, test.do) {
				t.Errorf("%s: got %+v\nwant %s, found …%s…, do …%s…", test.check, got, test.level, test.words, test.do)
			}
			for _, r := range results {
				secrettest.Hidden(t, r.Name, r.Words+r.Do, secret)
				if r.Level != OK && r.Name != test.check && r.Name != "redis durability" && r.Name != "base_url" && r.Name != "redis eviction" {
					t.Errorf("one fault, but %+v as well", r)
				}
			}
		})
	}
}

func TestTokensAreNotDisturbed(t *testing.T) {
	tests := []struct {
		name, mode string
		flag       bool
		unreached  error
		fetches    int
	}{
		{"stable", config.TokenStable, false, nil, 1},
		{"external", config.TokenExternal, false, nil, 1},
		{"classic", config.TokenClassic, false, nil, 0},
		{"classic with --fetch-token", config.TokenClassic, true, nil, 1},
		{"stable out of reach", config.TokenStable, true, &fault.Error{Class: fault.Unanswered}, 0},
	}
	for _, test := range tests {
		s := newScene()
		s.FetchToken, s.way.unreached = test.flag, test.unreached
		s.edit(func(a *config.Account) { a.Token = test.mode })
		for range Run(t.Context(), s.Options) {
		}
		if s.way.fetches != test.fetches {
			t.Errorf("%s: %d tokens were fetched; want %d", test.name, s.way.fetches, test.fetches)
		}
	}
}

func TestOneAccountOnly(t *testing.T) {
	s := newScene()
	s.Config.Accounts["mini"] = config.AccountDefaults(s.Config.WeChat)
	s.Account = "shop"
	for r := range Run(t.Context(), s.Options) {
		if r.Account == "mini" {
			t.Errorf("mini was not asked for: %+v", r)
		}
	}
}
