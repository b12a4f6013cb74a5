package wechat

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/fault"
)

const testSecret = "SECRET+of/shop"

var goodToken = `{"access_token":"SECRET-1","expires_in":7200}`

func TestFetchTokenAsksAsEachModeWants(t *testing.T) {
	for _, tc := range []struct {
		name   string
		grant  Grant
		method string
		target string
		bearer string
		body   string // as JSON
	}{
		{"stable", Grant{Mode: Stable, AppID: "wx1", Secret: testSecret}, "POST", "/cgi-bin/stable_token", "",
			`{"appid":"wx1","force_refresh":false,"grant_type":"client_credential","secret":"SECRET+of/shop"}`},
		{"stable, forced", Grant{Mode: Stable, AppID: "wx1", Secret: testSecret, Force: true}, "POST", "/cgi-bin/stable_token", "",
			`{"appid":"wx1","force_refresh":true,"grant_type":"client_credential","secret":"SECRET+of/shop"}`},
		{"classic", Grant{Mode: Classic, AppID: "wx1", Secret: testSecret}, "GET",
			"/cgi-bin/token?appid=wx1&grant_type=client_credential&secret=SECRET%2Bof%2Fshop", "", ""},
		{"external", Grant{Mode: External, URL: "/centre/token", Key: "SECRET-k"}, "GET", "/centre/token", "Bearer SECRET-k", ""},
		{"external without a key", Grant{Mode: External, URL: "/centre/token"}, "GET", "/centre/token", "", ""},
		{"external, stale", Grant{Mode: External, URL: "/centre/token", Key: "SECRET-k", Stale: "OLD"}, "POST",
			"/centre/token/refresh", "Bearer SECRET-k", `{"stale":"OLD"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var asked, bearer, body string
			s := stand(t, false, func(w http.ResponseWriter, r *http.Request) {
				data, _ := io.ReadAll(r.Body)
				asked, bearer, body = r.Method+" "+r.URL.String(), r.Header.Get("Authorization"), string(data)
				_, _ = io.WriteString(w, goodToken)
			})
			if tc.grant.Mode == External {
				tc.grant.URL = s.URL + tc.grant.URL
			}
			got, err := reach(t, s, Options{}).FetchToken(t.Context(), tc.grant)
			if err != nil || got.Value != "SECRET-1" || got.ExpiresIn != 2*time.Hour {
				t.Fatalf("%q, %v, %v", got.Value, got.ExpiresIn, err)
			}
			if asked != tc.method+" "+tc.target || bearer != tc.bearer || body != tc.body {
				t.Errorf("asked %s, bearer %q, body %s", asked, bearer, body)
			}
		})
	}
}

func TestWhatATokenAnswerMeans(t *testing.T) {
	stable := Grant{Mode: Stable, AppID: "wx1", Secret: testSecret}
	external := Grant{Mode: External, Key: testSecret}
	for _, tc := range []struct {
		name   string
		grant  Grant
		status int
		body   string
		class  fault.Class
		code   int
	}{
		{"wrong secret", stable, 200, `{"errcode":40001,"errmsg":"invalid credential SECRET+of/shop rid: a-b-c"}`, fault.Account, 40001},
		{"wrong secret, newer code", stable, 200, `{"errcode":40125,"errmsg":"invalid appsecret"}`, fault.Account, 40125},
		{"whitelist", stable, 200, `{"errcode":40164,"errmsg":"invalid ip 10.0.0.1"}`, fault.Account, 40164},
		{"busy", stable, 200, `{"errcode":-1,"errmsg":"system error"}`, fault.Busy, -1},
		{"quota", stable, 200, `{"errcode":45009,"errmsg":"x"}`, fault.Daily, 45009},
		{"too often", stable, 200, `{"errcode":45011,"errmsg":"x"}`, fault.Minute, 45011},
		{"empty token", stable, 200, `{"access_token":"","expires_in":7200}`, fault.Unanswered, 0},
		{"endless token", stable, 200, `{"access_token":"` + strings.Repeat("T", 5000) + `","expires_in":7200}`, fault.Unanswered, 0},
		{"token is no string", stable, 200, `{"access_token":7,"expires_in":7200}`, fault.Unanswered, 0},
		{"ended already", stable, 200, `{"access_token":"SECRET-1","expires_in":0}`, fault.Unanswered, 0},
		{"no lifetime", stable, 200, `{"access_token":"SECRET-1"}`, fault.Unanswered, 0},
		{"lifetime below 0", stable, 200, `{"access_token":"SECRET-1","expires_in":-1}`, fault.Unanswered, 0},
		{"lifetime beyond belief", stable, 200, `{"access_token":"SECRET-1","expires_in":99999999999999}`, fault.Unanswered, 0},
		{"no JSON", stable, 200, `<html>SECRET-1`, fault.Unanswered, 0},
		{"gateway refuses", stable, 403, `no`, fault.Busy, 0},
		{"gateway down", stable, 502, `no`, fault.Unanswered, 0},
		{"a token with a bad status", stable, 500, goodToken, fault.Unanswered, 0},
		{"wrong key", external, 401, `{"error":{"code":"unauthorized"}}`, fault.Account, 0},
		{"wrong url", external, 404, `nothing here`, fault.Account, 0},
		{"other centre is away", external, 503, `{"error":{"code":"unavailable"}}`, fault.Unanswered, 0},
		{"another wxdispatch's Redis is away", external, 503, `{"error":{"code":"unavailable","message":"Redis is away","fields":[]}}`, fault.Busy, 0},
		{"another wxdispatch's secret is wrong", external, 503, `{"error":{"code":"unavailable","message":"x","errcode":40125}}`, fault.Account, 40125},
		{"another wxdispatch's key is not for this", external, 403, `{"error":{"code":"forbidden","message":"lacks the scope"}}`, fault.Account, 0},
		{"other centre is pressed", external, 429, `{}`, fault.Busy, 0},
		{"other centre hands WeChat's refusal on", external, 200, `{"errcode":40013,"errmsg":"x"}`, fault.Account, 40013},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := stand(t, false, answering(tc.status, tc.body))
			if tc.grant.Mode == External {
				tc.grant.URL = s.URL + "/token"
			}
			got, err := reach(t, s, Options{}).FetchToken(t.Context(), tc.grant)
			var told *fault.Error
			if !errors.As(err, &told) || told.Class != tc.class || told.Code != tc.code || got.Value != "" {
				t.Fatalf("%v, %v (class %q)", got, err, fault.ClassOf(err))
			}
			noSecret(t, fmt.Sprintf("%v %#v", err, err))
		})
	}
}

func TestARefusedTokenSaysWhatToDo(t *testing.T) {
	for _, tc := range []struct {
		body string
		says []string
	}{
		{`{"errcode":42007,"errmsg":"x rid: a-b-c"}`, []string{"authorise again", "42007", "a-b-c"}},
		{`{"errcode":61003,"errmsg":"component is not authorized"}`, []string{"component is not authorized", "authorise again"}},
		{`{"errcode":61023,"errmsg":""}`, []string{"authorise again"}},
		{`{"errcode":40164,"errmsg":"invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist rid: a-b-c"}`, []string{"203.0.113.9", "whitelist in WeChat's console"}},
		{`{"errcode":40125,"errmsg":"invalid appsecret"}`, []string{"check the account's appid and secret"}},
		{`{"errcode":40243,"errmsg":"AppSecret is frozen"}`, []string{"unfreeze"}},
		{`{"errcode":50004,"errmsg":"x"}`, []string{"punished"}},
		{`{"errcode":45009,"errmsg":"reach max api daily quota limit"}`, []string{"which other program"}},
	} {
		_, err := reach(t, stand(t, false, answering(200, tc.body)), Options{}).
			FetchToken(t.Context(), Grant{Mode: Stable, AppID: "wx1", Secret: testSecret})
		for _, words := range tc.says {
			if err == nil || !strings.Contains(err.Error(), words) {
				t.Errorf("%v does not say %q", err, words)
			}
		}
	}
}

func TestAnotherCentresPauseIsKept(t *testing.T) {
	s := stand(t, false, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "90")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, `{"error":{"code":"unavailable","message":"the day's fetches are used up","errcode":45009,"rid":"a-b-c"}}`)
	})
	_, err := reach(t, s, Options{}).FetchToken(t.Context(), Grant{Mode: External, URL: s.URL, Key: testSecret})
	if !fault.Is(err, fault.Daily) || fault.RetryAfter(err) != 90*time.Second || !strings.Contains(err.Error(), "used up") || !strings.Contains(err.Error(), "a-b-c") {
		t.Errorf("%v, retry after %v", err, fault.RetryAfter(err))
	}
}

func TestAGrantThatCannotWorkIsNotAsked(t *testing.T) {
	c := dial(t, Options{})
	for _, g := range []Grant{
		{}, {Mode: "magic"}, {Mode: Stable, AppID: "wx1"}, {Mode: Classic, Secret: testSecret}, {Mode: External},
		{Mode: External, URL: "http://centre.example/token", Key: testSecret},
		{Mode: External, URL: "https://u:SECRET@centre.example/token"},
	} {
		_, err := c.FetchToken(t.Context(), g)
		if !fault.Is(err, fault.Account) {
			t.Errorf("%v: %v", g, err)
			continue
		}
		noSecret(t, err.Error())
	}
}

func TestALostTokenFetchTellsNoSecret(t *testing.T) {
	c := reach(t, stand(t, false, func(w http.ResponseWriter, r *http.Request) {
		hangUp(w, r, "GET "+r.URL.String()+"\r\n\r\n")
	}), Options{})
	_, err := c.FetchToken(t.Context(), Grant{Mode: Classic, AppID: "wx1", Secret: testSecret})
	if !fault.Is(err, fault.Unanswered) {
		t.Fatal(err)
	}
	noSecret(t, fmt.Sprintf("%v %#v", err, err))
}

func TestSecretsPrintThemselvesNever(t *testing.T) {
	token := Token{Value: "SECRET-1", ExpiresIn: time.Hour}
	grant := Grant{Mode: Stable, AppID: "wx1", Secret: "SECRET-2", Key: "SECRET-3", Stale: "SECRET-4"}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
		_, _ = fmt.Fprintf(&out, verb+verb, token, &token)
		_, _ = fmt.Fprintf(&out, verb+verb, grant, &grant)
		_, _ = fmt.Fprintf(&out, verb, struct{ T Token }{token})
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("x", slog.Any("token", token), slog.Any("grant", grant), slog.Any("in", struct{ T Token }{token}))
	}
	for _, v := range []any{token, grant, &token, []Grant{grant}} {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(data)
	}
	out.WriteString(token.String() + token.GoString() + grant.String() + grant.GoString())
	noSecret(t, out.String())
	if !strings.Contains(out.String(), "[token, 1h0m0s]") || !strings.Contains(out.String(), "[grant stable wx1]") {
		t.Errorf("nothing is left to see: %s", out.String())
	}
}
