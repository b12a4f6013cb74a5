package gateway_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/config"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/secrettest"
	"wxdispatch/internal/wechat/wechattest"
)

const (
	tokenKey   = "token-secret-0123456789"
	shopTokens = "/api/v1/accounts/shop/token"
)

// wechat is a stand-in that knows the accounts of settings.
func wechat(t *testing.T) *wechattest.Server {
	t.Helper()
	sim, err := wechattest.Start(wechattest.Options{Apps: []wechattest.App{{AppID: "wx-shop", Secret: appSecret}, {AppID: "wx-mini", Secret: appSecret}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	return sim
}

// service is a configuration whose keys may take tokens from the WeChat at url.
func service(addr, url string) *config.Config {
	cfg := settings(addr)
	for name, a := range cfg.Accounts {
		a.WeChat.BaseURL = url
		cfg.Accounts[name] = a
	}
	cfg.API.Keys["tokens"] = config.Key{Key: tokenKey, Scopes: []string{"token"}}
	return cfg
}

// takes calls the token service and returns the token and its seconds. The
// answer is the one place where a token may show.
func (s *stand) takes(method, path, body string) (string, int) {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), method, s.gateway.URL()+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+tokenKey)
	answer, err := s.client.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer answer.Body.Close()
	var got struct {
		Token   string `json:"access_token"`
		Seconds int    `json:"expires_in"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil || answer.StatusCode != 200 || answer.Header.Get("Cache-Control") != "no-store" {
		s.Errorf("%s %s: %d, %v", method, path, answer.StatusCode, err)
	}
	return got.Token, got.Seconds
}

func stale(token string) string { return fmt.Sprintf(`{"stale":%q}`, token) }

func TestOtherProgramsTakeTheirTokensHere(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		sim := wechat(t)
		s, other := start(t, service(addr(client), sim.URL)), start(t, service(addr(client), sim.URL))
		first, seconds := s.takes("GET", shopTokens, "")
		if first == "" || seconds < 7000 || seconds > 7200 {
			t.Errorf("good for %d s", seconds)
		}
		if again, _ := other.takes("GET", shopTokens, ""); again != first {
			t.Error("two of them hand out two tokens")
		}
		sim.RevokeTokens("wx-shop")
		var group sync.WaitGroup
		for i := range 40 {
			group.Go(func() {
				if token, _ := []*stand{s, other}[i%2].takes("POST", shopTokens+"/refresh", stale(first)); token == first || token == "" {
					t.Error("the refused token came back")
				}
			})
		}
		group.Wait()
		if n := sim.Stats().Apps["wx-shop"].Tokens.Stable; n != 2 {
			t.Errorf("%d fetches, want 2", n)
		}
		if text := s.log.String(); !strings.Contains(text, `msg="token handed out" key=tokens account=shop`) {
			t.Errorf("nobody can tell who took the token: %s", text)
		}
		metrics := s.call("GET", "/metrics", "", "").text
		if !strings.Contains(metrics, `wxdispatch_token_expires_seconds{account="shop"} 7`) || strings.Contains(metrics, `expires_seconds{account="mini"}`) {
			t.Error("the metrics do not tell how long the tokens are good")
		}
		secrettest.HiddenInRedis(t, client, appSecret, apiKey, tokenKey)
	})
}

func TestNoTokenIsHandedOutWithoutARightToIt(t *testing.T) {
	s := start(t, service(addr(redistest.Mini(t)), wechat(t).URL))
	s.want(s.call("GET", shopTokens, apiKey, ""), 403, "forbidden")
	s.want(s.call("GET", shopTokens, "", ""), 401, "unauthorized")
	s.want(s.call("GET", "/api/v1/accounts/none/token", tokenKey, ""), 404, "not_found")
	s.want(s.call("POST", shopTokens+"/refresh", tokenKey, `{"stale":""}`), 422, "invalid")
}

func TestACallerIsToldWhyThereIsNoToken(t *testing.T) {
	sim := wechat(t)
	sim.Inject(wechattest.Fault{Kind: wechattest.Tokens, Code: 40164, Message: "invalid ip 203.0.113.9, not in whitelist"})
	s := start(t, service(addr(redistest.Mini(t)), sim.URL))
	for range 3 {
		got := s.call("GET", shopTokens, tokenKey, "")
		s.want(got, 503, "unavailable")
		if !strings.Contains(got.text, "203.0.113.9") || !strings.Contains(got.text, `"errcode":40164`) || got.header.Get("Retry-After") != "60" {
			t.Errorf("%s, Retry-After %s", got.text, got.header.Get("Retry-After"))
		}
	}
	if n := sim.Stats().Count(wechattest.Tokens, "40164"); n != 1 {
		t.Errorf("WeChat was asked %d times", n)
	}
	if !strings.Contains(s.log.String(), "WeChat gives the account no token") {
		t.Error("the operator is not told")
	}
}

func TestWithoutRedisNoTokenIsFetched(t *testing.T) {
	sim := wechat(t)
	s := start(t, service(closedPort(t), sim.URL))
	got := s.call("GET", shopTokens, tokenKey, "")
	if s.want(got, 503, "unavailable"); got.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	if n := sim.Stats().Tokens.Stable; n != 0 {
		t.Errorf("%d fetches behind Redis's back", n)
	}
}

func TestASlowWeChatHoldsNobodyUp(t *testing.T) {
	sim := wechat(t)
	sim.Inject(wechattest.Fault{Kind: wechattest.Tokens, Mode: wechattest.ModeSilent})
	s := start(t, service(addr(redistest.Mini(t)), sim.URL))
	if got := s.call("GET", shopTokens, tokenKey, ""); got.status != 503 || got.header.Get("Retry-After") != "1" {
		t.Errorf("%d %s", got.status, got.text)
	}
}

// One wxdispatch serves another, which has no secret.
func TestOneTokenCentreServesAnother(t *testing.T) {
	sim := wechat(t)
	upstream := start(t, service(addr(redistest.Mini(t)), sim.URL))
	cfg := service(addr(redistest.Mini(t)), sim.URL)
	shop := cfg.Accounts["shop"]
	shop.Secret, shop.Token = "", config.TokenExternal
	shop.TokenSource = config.TokenSource{URL: upstream.gateway.URL() + shopTokens, Key: tokenKey}
	cfg.Accounts["shop"] = shop
	downstream := start(t, cfg)

	first, seconds := downstream.takes("GET", shopTokens, "")
	if there, _ := upstream.takes("GET", shopTokens, ""); there != first || seconds < 7000 {
		t.Errorf("another token, or one for %d s", seconds)
	}
	sim.RevokeTokens("wx-shop")
	second, _ := downstream.takes("POST", shopTokens+"/refresh", stale(first))
	if there, _ := upstream.takes("GET", shopTokens, ""); there != second || second == first {
		t.Error("the refusal did not reach the centre that fetches")
	}
	if n := sim.Stats().Apps["wx-shop"].Tokens.Stable; n != 2 {
		t.Errorf("%d fetches, want 2", n)
	}

	// What WeChat tells the one means the same for the other.
	sim.Inject(wechattest.Fault{Kind: wechattest.Tokens, Code: 42007, Message: "authorization code is used up"})
	sim.RevokeTokens("wx-shop")
	got := downstream.call("POST", shopTokens+"/refresh", tokenKey, stale(second))
	downstream.want(got, 503, "unavailable")
	if !strings.Contains(got.text, "authorise again") || !strings.Contains(got.text, `"errcode":42007`) {
		t.Errorf("%s", got.text)
	}
	if rest, err := time.ParseDuration(got.header.Get("Retry-After") + "s"); err != nil || rest < 55*time.Second {
		t.Errorf("Retry-After %s", got.header.Get("Retry-After"))
	}
}
