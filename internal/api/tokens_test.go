package api_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/api"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/secrettest"
)

// The tokens of the stand: they must show in the answers that are for them
// alone.
const (
	oldToken = "old-access-token-0123456789"
	newToken = "new-access-token-0123456789"
	tokenOf  = "/api/v1/accounts/shop/token"
)

// vault is a token service that answers as a test says, and notes what it was
// asked.
type vault struct {
	asked []string
	err   error
}

func (v *vault) Token(_ context.Context, account string) (api.AccessToken, error) {
	v.asked = append(v.asked, account)
	return api.AccessToken{Token: oldToken, ExpiresIn: 7100}, v.err
}

func (v *vault) Refresh(_ context.Context, account, stale string) (api.AccessToken, error) {
	v.asked = append(v.asked, account+" "+stale)
	return api.AccessToken{Token: newToken, ExpiresIn: 7200}, v.err
}

// newVault is a stand with a token service behind it.
func newVault(t *testing.T) (*stand, *vault) {
	s, v := newStand(t), &vault{}
	s.options.Tokens = v
	s.options.Keys = append(s.options.Keys, api.NewKey("mini-tokens", miniTokens, []api.Scope{api.Token}, []string{"mini"}))
	s.api = api.New(s.options)
	t.Cleanup(func() {
		secrettest.Hidden(t, "the log", s.log.String(), oldToken, newToken, fullKey, shopKey, readKey, tokenKey, miniTokens)
	})
	return s, v
}

const miniTokens = "mini-token-secret-0123456789"

func TestATokenIsHandedOutAndAudited(t *testing.T) {
	s, v := newVault(t)
	got := s.get(tokenOf, tokenKey)
	if got.Code != 200 || got.Body.String() != `{"access_token":"`+oldToken+`","expires_in":7100}`+"\n" || got.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d, %q", got.Code, got.Header())
	}
	got = s.call("POST", tokenOf+"/refresh", `{"stale":"`+oldToken+`"}`, "Authorization", "Bearer "+tokenKey)
	if got.Code != 200 || got.Body.String() != `{"access_token":"`+newToken+`","expires_in":7200}`+"\n" || got.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d, %q", got.Code, got.Header())
	}
	if len(v.asked) != 2 || v.asked[0] != "shop" || v.asked[1] != "shop "+oldToken {
		t.Errorf("the service was asked %d times", len(v.asked))
	}
	for _, words := range []string{`"msg":"token handed out","key":"token-only","account":"shop"`, `"msg":"token handed out after a refusal","key":"token-only","account":"shop"`} {
		if !strings.Contains(s.log.String(), words) {
			t.Errorf("the log does not tell who took the token: %s", words)
		}
	}
}

func TestWhoMayTakeATokenWhereNot(t *testing.T) {
	s, v := newVault(t)
	for _, key := range []string{fullKey, shopKey, readKey, miniTokens} {
		s.get(tokenOf, key).refused(t, 403, "forbidden")
		s.call("POST", tokenOf+"/refresh", `{"stale":"x"}`, "Authorization", "Bearer "+key).refused(t, 403, "forbidden")
	}
	s.call("GET", tokenOf, "").refused(t, 401, "unauthorized")
	s.call("DELETE", tokenOf, "", "Authorization", "Bearer "+tokenKey).refused(t, 405, "method_not_allowed")
	if len(v.asked) != 0 {
		t.Errorf("the service was asked for those who may not: %d times", len(v.asked))
	}
}

func TestAStaleTokenIsReadStrictly(t *testing.T) {
	s, v := newVault(t)
	for _, body := range []string{``, `[]`, `null`, `{}`, `{"stale":""}`, `{"stale":7}`, `{"stale":null}`, `{"stale":"x","force":true}`, `{"stale":"` + strings.Repeat("x", 5000) + `"}`} {
		got := s.call("POST", tokenOf+"/refresh", body, "Authorization", "Bearer "+tokenKey)
		if got.refused(t, 422, "invalid"); len(got.body.Error.Fields) != 1 {
			t.Errorf("%s: %s", body, got.Body)
		}
	}
	if len(v.asked) != 0 {
		t.Error("nothing was named, and the service was asked")
	}
}

func TestWithoutATokenTheReasonIsTold(t *testing.T) {
	s, v := newVault(t)
	v.err = &fault.Error{Op: "x", Class: fault.Unavailable, Code: 40164, RID: "a-b-c", RetryAfter: 90 * time.Second,
		Message: "WeChat gives no token now (account): invalid ip 203.0.113.9"}
	got := s.get(tokenOf, tokenKey)
	got.refused(t, 503, "unavailable")
	if e := got.body.Error; e.ErrCode != 40164 || e.RID != "a-b-c" || !strings.Contains(e.Message, "203.0.113.9") || got.Header().Get("Retry-After") != "90" {
		t.Errorf("%s, Retry-After %q", got.Body, got.Header().Get("Retry-After"))
	}
	v.err = &fault.Error{Op: "x", Class: fault.NotFound, Message: "no such account"}
	s.get(tokenOf, tokenKey).refused(t, 404, "not_found")
	if strings.Contains(s.log.String(), "handed out") {
		t.Error("the log tells of a token that nobody got")
	}
}
