package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/secrettest"
	"wxdispatch/internal/wechat/wechattest"
)

const (
	shopSecret = "d41d8cd98f00b204"
	aesKey     = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
)

// place is where `worker check` looks: a stand-in WeChat, a Redis, and the
// variables of one account that has all it needs.
type place struct {
	t    *testing.T
	sim  *wechattest.Server
	vars map[string]string
	file string // config.yaml's text; empty: there is none
}

func newPlace(t *testing.T, redis string) *place {
	sim, err := wechattest.Start(wechattest.Options{Apps: []wechattest.App{{AppID: "wx1", Secret: shopSecret, Type: message.Official}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	return &place{t: t, sim: sim, vars: map[string]string{
		"REDIS_ADDRS": redis, "WECHAT_BASE_URL": sim.URL, "WECHAT_TIMEOUT": "2s",
		"ACCOUNTS_SHOP_TYPE": "official", "ACCOUNTS_SHOP_APPID": "wx1", "ACCOUNTS_SHOP_SECRET": shopSecret,
		"ACCOUNTS_SHOP_CALLBACK_TOKEN": "pushtoken",
	}}
}

func (p *place) set(pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		p.vars[pairs[i]] = pairs[i+1]
	}
}

// refuse has the stand-in answer each fetch of a token with a code.
func (p *place) refuse(code int, words string) {
	p.sim.Inject(wechattest.Fault{Kind: wechattest.Tokens, Code: code, Message: words})
}

// finding is a line of `worker check --json`.
type finding struct{ Check, Account, Level, Found, Do string }

// check carries `worker check` out.
func (p *place) check(args ...string) (code int, found []finding) {
	p.t.Helper()
	p.t.Chdir(p.t.TempDir())
	if p.file != "" {
		if err := os.WriteFile("config.yaml", []byte(p.file), 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
	var environ []string
	for _, name := range slices.Sorted(maps.Keys(p.vars)) {
		environ = append(environ, "WXDISPATCH_"+name+"="+p.vars[name])
	}
	var out, errs bytes.Buffer
	code = run(p.t.Context(), append([]string{"check", "--json"}, args...), environ, &out, &errs)
	secrettest.Hidden(p.t, "worker check", out.String()+errs.String(), shopSecret, "0123456789abcdef", aesKey, p.sim.Token("wx1"))
	for line := range strings.Lines(out.String()) {
		var f finding
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			p.t.Fatalf("%q: %v", line, err)
		}
		found = append(found, f)
	}
	if len(found) == 0 {
		p.t.Fatalf("exit %d, and nothing was said: %s", code, &errs)
	}
	return code, found
}

// preparedFault is one thing that is wrong, and the line that has to tell it.
type preparedFault struct {
	name         string
	spoil        func(p *place)
	check, level string
	found        string // what was found has this
	do           string // what to do has this; empty: found says it, as mistakes of the configuration do
}

// Each server is started once; the faults of Redis itself have their own.
func TestCheckFindsPreparedFaults(t *testing.T) {
	good := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	faults := slices.Concat(faultsOfConfiguration(), faultsOfRedis(t, good.Addr), faultsOfWeChat())
	if len(faults) < 20 {
		t.Fatalf("%d faults are prepared, want twenty at least", len(faults))
	}
	t.Run("none", func(t *testing.T) {
		p := newPlace(t, good.Addr)
		code, found := p.check()
		for _, f := range found {
			if f.Level != "ok" {
				t.Errorf("%+v", f)
			}
		}
		if code != exitOK {
			t.Errorf("exit %d, and nothing is wrong", code)
		}
	})
	for _, fault := range faults {
		t.Run(fault.name, func(t *testing.T) {
			p := newPlace(t, good.Addr)
			fault.spoil(p)
			code, found := p.check()
			want := exitOK
			if slices.ContainsFunc(found, func(f finding) bool { return f.Level == "fail" }) {
				want = exitFailed
			}
			if code != want {
				t.Errorf("exit %d, want %d: %+v", code, want, found)
			}
			if !slices.ContainsFunc(found, fault.toldBy) {
				t.Errorf("no line %s %q says %q and to do %q:\n%+v", fault.level, fault.check, fault.found, fault.do, found)
			}
		})
	}
}

func (f preparedFault) toldBy(line finding) bool {
	return line.Check == f.check && line.Level == f.level && strings.Contains(line.Found, f.found) && strings.Contains(line.Do, f.do)
}

func faultsOfConfiguration() []preparedFault {
	const check, fail = "configuration", "fail"
	vars := func(pairs ...string) func(*place) { return func(p *place) { p.set(pairs...) } }
	return []preparedFault{
		{"no secret", vars("ACCOUNTS_SHOP_SECRET", ""), check, fail, "accounts.shop.secret: is missing; set WXDISPATCH_ACCOUNTS_SHOP_SECRET or secret_file", ""},
		{"no type", vars("ACCOUNTS_SHOP_TYPE", ""), check, fail, "accounts.shop.type: is missing; write official or miniprogram", ""},
		{"an unknown key", func(p *place) { p.file = "redis: {adress: [127.0.0.1:6379]}" }, check, fail, "redis.adress", ""},
		{"an AES key cut short", vars("ACCOUNTS_SHOP_CALLBACK_AES_KEY", aesKey[:40]), check, fail, "has 40 characters; WeChat's EncodingAESKey has 43", ""},
		{"an AES key without token", vars("ACCOUNTS_SHOP_CALLBACK_AES_KEY", aesKey, "ACCOUNTS_SHOP_CALLBACK_TOKEN", ""),
			check, fail, "accounts.shop.callback.token: is empty, but aes_key is set; copy both", ""},
		{"a page open to everyone", vars("WORKER_LISTEN", "0.0.0.0:8080"), check, fail, "worker.user and worker.password are needed; set them or listen on 127.0.0.1", ""},
		{"an end too short for a call", vars("WORKER_SHUTDOWN_TIMEOUT", "6s"), check, fail, "write at least 7s", ""},
		{"tokens shown on the way", vars("WECHAT_BASE_URL", "http://wechat.internal:8090"), check, fail, "plain http beyond this machine", ""},
		{"no CA file", vars("WECHAT_CA_FILE", "nowhere.pem"), check, fail, "wechat.ca_file: cannot be read", ""},
		{"a quota of a kind that is not sent", vars("ACCOUNTS_SHOP_DAILY_QUOTA_WXOPEN", "5"), check, fail, "daily_quota.wxopen: account type official does not send this kind", ""},
		{"the callback token is missing", vars("ACCOUNTS_SHOP_CALLBACK_TOKEN", ""), "callback", "warn", "no receipt is heard", "copy its token into accounts.shop.callback.token"},
		{"a webhook that nobody can tell from a forgery", vars("ACCOUNTS_SHOP_EVENTS_URL", "https://app.example/hook"), "events", "warn", "not signed", "accounts.shop.events.secret"},
	}
}

func faultsOfRedis(t *testing.T, good string) []preparedFault {
	at := func(addr string, pairs ...string) func(*place) {
		return func(p *place) { p.set(append(pairs, "REDIS_ADDRS", addr)...) }
	}
	started := func(args ...string) string { return redistest.Start(t, args...).Addr }
	host, port, _ := strings.Cut(good, ":")
	locked := started()
	keys := redistest.Client(t, locked)
	for _, command := range [][]any{
		{"acl", "setuser", "looker", "on", ">looker", "~*", "&*", "+@connection", "+time"},
		{"config", "set", "requirepass", "opensesame"},
	} {
		if err := keys.Do(t.Context(), command...).Err(); err != nil {
			t.Fatal(err)
		}
	}
	careless := started("--maxmemory-policy", "allkeys-lru")
	relaxed := started("--appendonly", "yes", "--appendfsync", "everysec")
	replica := started("--replicaof", host, port)
	clustered := started("--cluster-enabled", "yes")
	small := started("--maxmemory", "1mb")
	late := miniredis.RunT(t)
	late.SetTime(time.Now().Add(-time.Minute))
	return []preparedFault{
		{"Redis is away", at("127.0.0.1:1"), "redis answers", "fail", "connection refused", "start Redis"},
		{"Redis wants a password", at(locked), "redis answers", "fail", "NOAUTH", "WXDISPATCH_REDIS_PASSWORD"},
		{"a wrong password", at(locked, "REDIS_PASSWORD", "sesame"), "redis answers", "fail", "WRONGPASS", "copy redis.username and redis.password"},
		{"a user who may ask nothing", at(locked, "REDIS_USERNAME", "looker", "REDIS_PASSWORD", "looker"), "redis version", "warn", "not checked", "6.2"},
		{"eviction is on", at(careless), "redis eviction", "fail", "allkeys-lru", "CONFIG SET maxmemory-policy noeviction"},
		{"the last second may be lost", at(relaxed), "redis durability", "warn", "appendfsync is everysec", "appendfsync always"},
		{"nothing is on disk", at(small), "redis durability", "warn", "appendonly is off", "set appendonly yes"},
		{"Redis is nearly full", at(small), "redis memory", "warn", "of 1.0 MiB are used", "raise maxmemory"},
		{"a replica", at(replica), "redis role", "fail", "takes no writes", "master's address"},
		{"a cluster taken for one server", at(clustered), "redis role", "fail", "one node of a cluster", "redis.mode: cluster"},
		{"one server taken for a cluster", at(good, "REDIS_MODE", "cluster"), "redis answers", "fail", "cluster support disabled", "redis.mode: single"},
		{"sentinels that do not answer", at("127.0.0.1:1", "REDIS_MODE", "sentinel", "REDIS_MASTER_NAME", "m"), "redis answers", "fail", "sentinel", "redis.master_name"},
		{"replicas that are not there", at(good, "REDIS_WAIT_REPLICAS", "5"), "redis durability", "fail", "waits until 5 replicas know of it", "redis.wait_replicas"},
		{"a clock that is off by a minute", at(late.Addr()), "redis clock", "warn", "behind this machine's: messages are due, and expire, by two clocks", "NTP"},
		{"a Redis that keeps nothing", at("127.0.0.1:6379", "REDIS_MODE", "embedded"), "redis", "warn", "keeps nothing", "redis.mode"},
	}
}

func faultsOfWeChat() []preparedFault {
	const token, fail = "token", "fail"
	refusal := func(code int, words string) func(*place) { return func(p *place) { p.refuse(code, words) } }
	vars := func(pairs ...string) func(*place) { return func(p *place) { p.set(pairs...) } }
	return []preparedFault{
		{"a wrong secret", vars("ACCOUNTS_SHOP_SECRET", "0123456789abcdef"), token, fail, "errcode 40125: the secret is wrong", "copy the AppSecret from the account's console into accounts.shop.secret"},
		{"a wrong appid", vars("ACCOUNTS_SHOP_APPID", "wx2"), token, fail, "errcode 40013", "accounts.shop.appid"},
		{"not whitelisted", refusal(40164, "invalid ip 47.114.108.244 ipv6 ::ffff:47.114.108.244, not in whitelist rid: 5fb21886-7daecfa3-560b9e31"),
			token, fail, "address 47.114.108.244 is not on the account's whitelist (rid 5fb21886-7daecfa3-560b9e31)", "add 47.114.108.244 to the whitelist"},
		{"a frozen secret", refusal(40243, "AppSecret frozen"), token, fail, "errcode 40243", "unfreeze the secret"},
		{"an administrator has to confirm", refusal(89503, "confirm"), token, fail, "errcode 89503", "let the account's administrator confirm"},
		{"the day's fetches are used up", refusal(45009, "reach max api daily quota limit"), token, fail, "errcode 45009", "find out who else fetches"},
		{"a punished account", refusal(50004, "forbidden"), token, fail, "errcode 50004", "notices in the account's console"},
		{"a classic token is left alone", vars("ACCOUNTS_SHOP_TOKEN", "classic"), token, "warn", "replaces the token that is in use", "--fetch-token"},
		{"WeChat is out of reach", vars("WECHAT_BASE_URL", "http://127.0.0.1:1"), "base_url", fail, "out of reach", "check base_url, proxy, ca_file"},
		{"a proxy that is away", vars("WECHAT_PROXY", "http://127.0.0.1:1"), "base_url", fail, "out of reach", "proxy"},
		{"somebody else answers", func(p *place) { p.set("WECHAT_BASE_URL", elsewhere(p.t, http.StatusNotFound)) }, "base_url", "warn", "not as WeChat does: HTTP 404", "check that base_url is right"},
		{"a certificate that nobody signed", func(p *place) { p.set("WECHAT_BASE_URL", unsigned(p.t)) }, "base_url", fail, "certificate", "ca_file"},
		{"a token centre that refuses the key", func(p *place) {
			p.set("ACCOUNTS_SHOP_TOKEN", "external", "ACCOUNTS_SHOP_TOKEN_SOURCE_URL", elsewhere(p.t, http.StatusUnauthorized))
		}, token, fail, "the token source answered HTTP 401; check token_source's url and key", "accounts.shop"},
		{"a CA file that is none", func(p *place) {
			file := filepath.Join(p.t.TempDir(), "ca.pem")
			if err := os.WriteFile(file, []byte("not a certificate"), 0o600); err != nil {
				p.t.Fatal(err)
			}
			p.set("WECHAT_CA_FILE", file)
		}, "configuration", fail, "holds no PEM certificate", ""},
		{"the day's quota is nearly used", useUp, "quota", "warn", "template 1 of 1;", "enqueue account clear-quota shop"},
	}
}

// useUp sends the one message that the day has.
func useUp(p *place) {
	p.sim.SetQuota("wx1", message.Template, 1)
	body := `{"touser":"oTestUser0000000000000000001","template_id":"t","data":{"first":{"value":"x"}}}`
	answer, err := http.Post(p.sim.URL+message.Template.Path()+"?access_token="+p.sim.Token("wx1"), "application/json", strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	answer.Body.Close()
	http.DefaultClient.CloseIdleConnections()
}

// elsewhere is a server that is not WeChat.
func elsewhere(t *testing.T, status int) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", status) }))
	t.Cleanup(server.Close)
	return server.URL
}

func unsigned(t *testing.T) string {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = nil
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}
