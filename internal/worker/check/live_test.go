package check

import (
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/config"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/wechat"
	"wxdispatch/internal/wechat/wechattest"
)

func TestEveryRedisIsUnderstood(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		s := newScene()
		s.Redis = NewRedis(client)
		for _, r := range slices.Collect(Run(t.Context(), s.Options)) {
			if !r.OK() {
				t.Errorf("%+v", r)
			}
			if r.Name == "redis answers" && r.Level != OK {
				t.Errorf("%+v", r)
			}
		}
	})
}

func TestARealRedisTellsItsSettings(t *testing.T) {
	process := redistest.Start(t, "--maxmemory-policy", "allkeys-lru", "--appendonly", "yes")
	s := newScene()
	s.Redis = NewRedis(redistest.Client(t, process.Addr))
	results := slices.Collect(Run(t.Context(), s.Options))
	if r := find(results, "redis eviction"); r.Level != Fail || !strings.Contains(r.Words, "allkeys-lru") {
		t.Errorf("%+v", r)
	}
	if r := find(results, "redis durability"); r.Level != Warn || !strings.Contains(r.Words, "everysec") {
		t.Errorf("%+v", r)
	}
	if r := find(results, "redis version"); r.Level != OK {
		t.Errorf("%+v", r)
	}
	process.Kill()
	results = slices.Collect(Run(t.Context(), s.Options))
	if r := find(results, "redis answers"); r.Level != Fail || r.Do == "" {
		t.Errorf("%+v", r)
	}
}

// standIn returns a scene whose WeChat is the stand-in.
func standIn(t *testing.T, given string) (*scene, *wechattest.Server) {
	t.Helper()
	server, err := wechattest.Start(wechattest.Options{Apps: []wechattest.App{{AppID: "wx1", Secret: secret}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	s := newScene()
	s.edit(func(a *config.Account) { a.WeChat.BaseURL, a.Secret = server.URL, config.Secret(given) })
	s.WeChat = func(_ string, a config.Account) (WeChat, error) {
		client, err := wechat.NewClient(wechat.Options{BaseURL: a.WeChat.BaseURL, Timeout: a.WeChat.Timeout})
		return NewWeChat(client, wechat.Grant{Mode: wechat.Mode(a.Token), AppID: a.AppID, Secret: a.Secret.Reveal(), Force: true}), err
	}
	return s, server
}

func TestAgainstTheStandIn(t *testing.T) {
	const wrong = "0123456789abcdef"
	tests := []struct {
		name, secret string
		fault        wechattest.Fault
		level        Level
		words        string
	}{
		{"a good account", secret, wechattest.Fault{}, OK, "good for "},
		{"a wrong secret", wrong, wechattest.Fault{}, Fail, "the secret is wrong"},
		{"the whitelist", secret, wechattest.Fault{Kind: wechattest.Tokens, Code: 40164,
			Message: "invalid ip 10.1.2.3 ipv6 ::ffff:10.1.2.3, not in whitelist rid: 5fb21886-7daecfa3-560b9e31"}, Fail, "10.1.2.3"},
		{"a gateway's page", secret, wechattest.Fault{Kind: wechattest.Tokens, Mode: wechattest.ModeHTTP}, Fail, "HTTP 502"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, server := standIn(t, test.secret)
			if test.fault.Kind != "" {
				server.Inject(test.fault)
			}
			before := server.Token("wx1")
			results := slices.Collect(Run(t.Context(), s.Options))
			if r := find(results, "base_url"); r.Level != OK {
				t.Errorf("%+v", r)
			}
			if r := find(results, "token"); r.Level != test.level || !strings.Contains(r.Words, test.words) {
				t.Errorf("%+v", r)
			}
			if after := server.Token("wx1"); before != "" && after != before {
				t.Error("the token in use was replaced")
			}
			for _, r := range results {
				for _, hidden := range []string{secret, wrong, before, server.Token("wx1")} {
					if hidden != "" && strings.Contains(r.Words+r.Do, hidden) {
						t.Errorf("%s tells a secret", r.Name)
					}
				}
			}
		})
	}
}

func TestNobodyAnswers(t *testing.T) {
	s, server := standIn(t, secret)
	server.Close()
	r := find(slices.Collect(Run(t.Context(), s.Options)), "base_url")
	if r.Level != Fail || !strings.Contains(r.Words, "out of reach") || r.OK() {
		t.Errorf("%+v", r)
	}
}
