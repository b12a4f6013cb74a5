package api_test

import (
	"strings"
	"testing"

	"wxdispatch/internal/message"
)

func TestWhoMayWhat(t *testing.T) {
	const messages, record = "/api/v1/messages", "/api/v1/accounts/shop/messages/o-1"
	cases := []struct {
		name, method, path, auth string
		status                   int
		code                     string
	}{
		{"no key", "POST", messages, "", 401, "unauthorized"},
		{"empty key", "POST", messages, "Bearer ", 401, "unauthorized"},
		{"basic", "POST", messages, "Basic " + fullKey, 401, "unauthorized"},
		{"unknown key", "POST", messages, "Bearer " + fullKey + "x", 401, "unauthorized"},
		{"good key", "POST", messages, "Bearer " + fullKey, 202, ""},
		{"scheme in small letters", "POST", messages, "bearer  " + fullKey, 202, ""},
		{"key of the account", "POST", messages, "Bearer " + shopKey, 202, ""},
		{"lacks send", "POST", messages, "Bearer " + readKey, 403, "forbidden"},
		{"reads", "GET", record, "Bearer " + readKey, 200, ""},
		{"reads its account", "GET", record, "Bearer " + shopKey, 200, ""},
		{"lacks read", "GET", record, "Bearer " + tokenKey, 403, "forbidden"},
		{"other account", "GET", "/api/v1/accounts/mini/messages/o-1", "Bearer " + shopKey, 403, "forbidden"},
		{"account that nobody has", "GET", "/api/v1/accounts/none/messages/o-1", "Bearer " + shopKey, 403, "forbidden"},
		{"metrics", "GET", "/metrics", "Bearer " + fullKey, 200, ""},
		{"metrics without key", "GET", "/metrics", "", 401, "unauthorized"},
		{"metrics without scope", "GET", "/metrics", "Bearer " + readKey, 403, "forbidden"},
		{"health", "GET", "/healthz", "", 200, ""},
		{"readiness", "GET", "/readyz", "", 200, ""},
		{"description", "GET", "/openapi.json", "", 200, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t)
			s.records["shop/o-1"] = &message.Record{ID: "o-1", Account: "shop"}
			got := s.call(c.method, c.path, order("o-1", "shop"), "Authorization", c.auth)
			if c.code != "" {
				got.refused(t, c.status, c.code)
			}
			if got.Code != c.status {
				t.Errorf("%d, want %d: %s", got.Code, c.status, got.Body)
			}
			if challenge := got.Header().Get("WWW-Authenticate"); (c.status == 401) != strings.HasPrefix(challenge, "Bearer ") {
				t.Errorf("WWW-Authenticate %q", challenge)
			}
		})
	}
}

func TestKeyOfOneAccountCannotSendForAnother(t *testing.T) {
	s := newStand(t)
	for _, account := range []string{"mini", "none"} {
		got := s.call("POST", "/api/v1/messages", order("o-1", account), "Authorization", "Bearer "+shopKey)
		got.refused(t, 403, "forbidden")
	}
	if len(s.taken) > 0 {
		t.Error("it reached intake")
	}
}

func TestAccountsThatAKeySees(t *testing.T) {
	s := newStand(t)
	const shop = `{"name":"shop","type":"official","kinds":null,"receipts":{"statuses":null,"late_s":0}}`
	if got := s.get("/api/v1/accounts", readKey).Body.String(); got != `{"accounts":[{"name":"mini","type":"miniprogram","kinds":null,"receipts":{"statuses":null,"late_s":0}},`+shop+"]}\n" {
		t.Errorf("all: %s", got)
	}
	if got := s.get("/api/v1/accounts", shopKey).Body.String(); got != `{"accounts":[`+shop+"]}\n" {
		t.Errorf("shop's: %s", got)
	}
}

func TestOpenMetrics(t *testing.T) {
	s := newStand(t)
	s.options.OpenMetrics = true
	s.api = apiOf(s)
	if got := s.call("GET", "/metrics", ""); got.Code != 200 || got.Body.String() != "numbers 1\n" {
		t.Errorf("%d %s", got.Code, got.Body)
	}
}
