package api_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/api"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/secrettest"
)

func apiOf(s *stand) *api.API { return api.New(s.options) }

func TestRecord(t *testing.T) {
	s := newStand(t)
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	s.records["shop/o:1"] = &message.Record{ID: "o:1", Account: "shop", Kind: message.Template, OpenID: "oUser",
		TemplateID: "tpl", State: message.Refused, Attempts: 1, ErrCode: 43004, ErrMsg: "a <b> & c", MsgID: "9007199254740993", CreatedAt: at}
	got := s.get("/api/v1/accounts/shop/messages/o:1", fullKey)
	want := `{"id":"o:1","account":"shop","kind":"template","openid":"oUser","template_id":"tpl","state":"refused",` +
		`"attempts":1,"errcode":43004,"errmsg":"a <b> & c","msgid":"9007199254740993","created_at":"2026-11-22T12:00:00Z"}` + "\n"
	if got.Code != 200 || got.Body.String() != want {
		t.Errorf("%d %s\nwant %s", got.Code, got.Body, want)
	}
	for _, path := range []string{"/api/v1/accounts/shop/messages/o-2", "/api/v1/accounts/Sh%20op/messages/o-1", "/api/v1/accounts/shop/messages/a%2Fb"} {
		s.get(path, fullKey).refused(t, 404, "not_found")
	}
}

func TestWrongMethodsAndPaths(t *testing.T) {
	s := newStand(t)
	cases := []struct{ method, path, allow string }{
		{"GET", "/api/v1/messages", "POST"},
		{"DELETE", "/api/v1/accounts", "GET, HEAD"},
		{"POST", "/healthz", "GET, HEAD"},
		{"GET", "/", ""},
		{"GET", "/api/v1/nothing/o-1", ""},
	}
	for _, c := range cases {
		got := s.call(c.method, c.path, "")
		if c.allow == "" {
			got.refused(t, 404, "not_found")
		} else {
			got.refused(t, 405, "method_not_allowed")
		}
		if allow := got.Header().Get("Allow"); allow != c.allow {
			t.Errorf("%s %s: Allow %q, want %q", c.method, c.path, allow, c.allow)
		}
	}
	if got := s.call("HEAD", "/healthz", ""); got.Code != 200 {
		t.Errorf("HEAD /healthz: %d", got.Code)
	}
}

func TestReadiness(t *testing.T) {
	s := newStand(t)
	for _, err := range []error{errors.New("10.0.0.7 is away"),
		&fault.Error{Class: fault.Unavailable, Message: "Redis does not answer", Err: errors.New("10.0.0.7 is away")}} {
		s.ready = err
		got := s.call("GET", "/readyz", "")
		got.refused(t, 503, "unavailable")
		if strings.Contains(got.Body.String(), "10.0.0.7") {
			t.Errorf("an address is told to everyone: %s", got.Body)
		}
	}
	if got := s.call("GET", "/healthz", ""); got.Code != 200 {
		t.Errorf("alive, but /healthz is %d", got.Code)
	}
}

func TestRequestID(t *testing.T) {
	s := newStand(t)
	cases := []struct {
		given string
		kept  bool
	}{{"req-1", true}, {"", false}, {"two words", false}, {"line\nbreak", false}, {strings.Repeat("x", 65), false}}
	for _, c := range cases {
		got := s.call("GET", "/nothing", "", "X-Request-Id", c.given).Header().Get("X-Request-Id")
		if (got == c.given) != c.kept || !c.kept && len(got) != 26 {
			t.Errorf("given %q, answered %q", c.given, got)
		}
		if !strings.Contains(s.log.String(), `"request":"`+got+`"`) {
			t.Errorf("the log does not know request %q", got)
		}
	}
}

func TestPanicIsAnAnswer(t *testing.T) {
	s := newStand(t)
	s.options.Metrics = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("broken") })
	s.options.OpenMetrics = true
	s.api = apiOf(s)
	got := s.call("GET", "/metrics", "", "X-Request-Id", "req-7")
	got.refused(t, 500, "internal")
	if !strings.Contains(got.body.Error.Message, "req-7") || strings.Contains(got.Body.String(), "broken") {
		t.Errorf("%s", got.Body)
	}
	if !strings.Contains(s.log.String(), "broken") || !strings.Contains(s.log.String(), "api_test.go") {
		t.Errorf("the log does not say what broke and where: %s", s.log)
	}
}

// served is a Watch that remembers.
type served map[string]int

func (w served) Served(route string, status int, _ time.Duration) { w[route] = status }

func TestLogAndNumbersTellRoutesNotContents(t *testing.T) {
	s, seen := newStand(t), served{}
	s.options.Watch = seen
	s.api = apiOf(s)
	s.post(order("o-secret", "shop"))
	s.get("/api/v1/accounts/shop/messages/o-secret", shopKey)
	s.get("/api/v1/o-secret/"+fullKey, "wrong-"+fullKey)
	s.takeErr = &fault.Error{Op: "tasks.put", Class: fault.Unavailable, Err: errors.New("connection refused")}
	s.post(order("o-secret", "shop"))
	s.call("GET", "/api/v1/accounts?key="+fullKey, "", "Authorization", tokenKey)

	log := s.log.String()
	secrettest.Hidden(t, "the log", log, fullKey, shopKey, tokenKey, "o-secret", "oSecretUser")
	for _, words := range []string{`"route":"/api/v1/accounts/{account}/messages/{id}"`, `"key":"shop-only"`, `"status":202`,
		`"method":"POST"`, `"took":`, "connection refused"} {
		if !strings.Contains(log, words) {
			t.Errorf("%s does not stand in the log: %s", words, log)
		}
	}
	if seen["/api/v1/messages"] != 503 || seen["unmatched"] != 404 || len(seen) != 4 {
		t.Errorf("numbers: %v", seen)
	}
}

// FuzzHeaders holds that no header brings the API down, and that what goes into
// the log and back is an id.
func FuzzHeaders(f *testing.F) {
	f.Add("Bearer "+fullKey, "k-1", "req-1")
	f.Add("bearer", `"`, "\x00")
	f.Fuzz(func(t *testing.T, auth, key, request string) {
		s := newStand(t)
		got := s.call("POST", "/api/v1/messages", order("", "shop"), "Authorization", auth, "Idempotency-Key", key, "X-Request-Id", request)
		if got.Code >= 500 || !message.ValidID(got.Header().Get("X-Request-Id")) {
			t.Errorf("%d %q %s", got.Code, got.Header().Get("X-Request-Id"), got.Body)
		}
		if got.Code == 202 && !message.ValidID(got.body.ID) {
			t.Errorf("taken under %q", got.body.ID)
		}
	})
}
