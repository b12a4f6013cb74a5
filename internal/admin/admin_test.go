package admin

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
	"wxdispatch/internal/standing"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type readyFunc func(context.Context) error

func (f readyFunc) Ready(ctx context.Context) error { return f(ctx) }

type overviewFunc func(context.Context) ([]Account, error)

func (f overviewFunc) Overview(ctx context.Context) ([]Account, error) { return f(ctx) }

func says(text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, text+" "+r.Method) })
}

func options() Options {
	return Options{Version: "1.2.3", Queues: says("asynqmon"), Metrics: says("metrics")}
}

// ask makes one request; headers are pairs.
func ask(h http.Handler, method, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func basic(user, password string) string {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.SetBasicAuth(user, password)
	return r.Header.Get("Authorization")
}

func TestWhoMayLook(t *testing.T) {
	const user, password, token = "ops", "correct horse", "scrape-me"
	open, token1, guarded := options(), options(), options()
	token1.MetricsToken = token
	guarded.User, guarded.Password, guarded.MetricsToken = user, password, token
	tests := []struct {
		name   string
		o      Options
		path   string
		header string
		want   int
	}{
		{"nothing is set: overview", open, "/", "", 200},
		{"nothing is set: metrics", open, "/metrics", "", 200},
		{"nothing is set: queues", open, "/queues/", "", 200},
		{"health needs none", guarded, "/healthz", "", 200},
		{"readiness needs none", guarded, "/readyz", "", 200},
		{"health minds no wrong one", guarded, "/healthz", basic("x", "y"), 200},
		{"overview without", guarded, "/", "", 401},
		{"style without", guarded, "/style.css", "", 401},
		{"queues without", guarded, "/queues/", "", 401},
		{"metrics without", guarded, "/metrics", "", 401},
		{"overview", guarded, "/", basic(user, password), 200},
		{"queues", guarded, "/queues/api/queues", basic(user, password), 200},
		{"metrics with password", guarded, "/metrics", basic(user, password), 200},
		{"metrics with token", guarded, "/metrics", "Bearer " + token, 200},
		{"metrics with token, other spelling", guarded, "/metrics", "bearer  " + token, 200},
		{"wrong password", guarded, "/", basic(user, "wrong horse"), 401},
		{"wrong user", guarded, "/", basic("Ops", password), 401},
		{"empty password", guarded, "/", basic(user, ""), 401},
		{"token opens nothing else", guarded, "/", "Bearer " + token, 401},
		{"token is no password", guarded, "/queues/", basic(user, token), 401},
		{"wrong token", guarded, "/metrics", "Bearer scrape-you", 401},
		{"empty token", guarded, "/metrics", "Bearer ", 401},
		{"token alone guards the metrics", token1, "/metrics", "", 401},
		{"token alone opens them", token1, "/metrics", "Bearer " + token, 200},
		{"no user is not the empty user", token1, "/metrics", basic("", ""), 401},
		{"token alone leaves the rest open", token1, "/", "", 200},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var headers []string
			if test.header != "" {
				headers = []string{"Authorization", test.header}
			}
			got := ask(New(test.o), http.MethodGet, test.path, headers...)
			if got.Code != test.want {
				t.Fatalf("answered %d: %s; want %d", got.Code, got.Body, test.want)
			}
			if got.Code == 401 && !strings.HasPrefix(got.Header().Get("WWW-Authenticate"), "Basic ") {
				t.Error("401 should ask for basic authentication")
			}
			for _, secret := range []string{password, token} {
				if strings.Contains(got.Body.String(), secret) {
					t.Errorf("the answer holds %q", secret)
				}
			}
		})
	}
}

func TestMethods(t *testing.T) {
	readOnly, readWrite := options(), options()
	readWrite.ReadWrite = true
	const cancel = "/queues/api/queues/shop.template/active_tasks/x:cancel"
	tests := []struct {
		name, method, path string
		o                  Options
		headers            []string
		want               int
	}{
		{"head of overview", "HEAD", "/", readOnly, nil, 200},
		{"post to overview", "POST", "/", readWrite, nil, 405},
		{"delete of health", "DELETE", "/healthz", readWrite, nil, 405},
		{"post to readiness", "POST", "/readyz", readWrite, nil, 405},
		{"put to metrics", "PUT", "/metrics", readWrite, nil, 405},
		{"no such page", "GET", "/nothing", readOnly, nil, 404},
		{"read-only refuses a change", "POST", cancel, readOnly, nil, 405},
		{"read-only refuses a deletion", "DELETE", cancel, readOnly, []string{"Sec-Fetch-Site", "same-origin"}, 405},
		{"a change from the page itself", "POST", cancel, readWrite, []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"a deletion by its origin", "DELETE", cancel, readWrite, []string{"Origin", "http://example.com"}, 200},
		{"a change by a script", "POST", cancel, readWrite, nil, 200},
		{"a change from another site", "POST", cancel, readWrite, []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"a change from a sister site", "POST", cancel, readWrite, []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"a deletion from another origin", "DELETE", cancel, readWrite, []string{"Origin", "http://evil.example"}, 403},
		{"a look from another site", "GET", "/queues/", readWrite, []string{"Sec-Fetch-Site", "cross-site"}, 200},
		{"an unknown method", "PATCH", cancel, readWrite, nil, 405},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := ask(New(test.o), test.method, test.path, test.headers...)
			if got.Code != test.want {
				t.Fatalf("answered %d: %s; want %d", got.Code, got.Body, test.want)
			}
			if got.Code == 405 && got.Header().Get("Allow") == "" {
				t.Error("405 should tell what is allowed")
			}
		})
	}
}

func TestPagesThatAreNotThere(t *testing.T) {
	h := New(Options{})
	for path, want := range map[string]int{"/": 200, "/readyz": 200, "/queues/": 404, "/metrics": 404} {
		if got := ask(h, "GET", path); got.Code != want {
			t.Errorf("%s answered %d; want %d", path, got.Code, want)
		}
	}
	if body := ask(h, "GET", "/").Body.String(); strings.Contains(body, `href="/queues`) || strings.Contains(body, `href="/metrics`) {
		t.Error("the overview links to pages that are not there")
	}
}

func TestReadiness(t *testing.T) {
	const accept = "application/json"
	away := &fault.Error{Op: "worker.ready", Class: fault.Unavailable, Message: "Redis does not answer",
		Err: errors.New("dial tcp 10.1.2.3:6379: refused")}
	tests := []struct {
		name   string
		err    error
		drain  bool
		accept string
		status int
		body   string
	}{
		{"ready", nil, false, "", 200, "ready\n"},
		{"ready as JSON", nil, false, accept, 200, `{"ready":true}` + "\n"},
		{"not ready", away, false, "", 503, "not ready: Redis does not answer\n"},
		{"not ready as JSON", away, false, accept, 503, `{"ready":false,"reason":"not ready: Redis does not answer"}` + "\n"},
		{"a plain error stays inside", errors.New("10.1.2.3 refused"), false, "", 503, "not ready; the worker's log tells why\n"},
		{"draining", nil, true, "", 503, "the worker is shutting down\n"},
		{"draining as JSON", nil, true, accept, 503, `{"ready":false,"reason":"the worker is shutting down"}` + "\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := options()
			o.Readiness = readyFunc(func(context.Context) error { return test.err })
			h := New(o)
			if test.drain {
				h.Drain()
			}
			got := ask(h, "GET", "/readyz", "Accept", test.accept)
			if got.Code != test.status || got.Body.String() != test.body {
				t.Errorf("answered %d %q; want %d %q", got.Code, got.Body, test.status, test.body)
			}
			if alive := ask(h, "GET", "/healthz"); alive.Code != 200 || alive.Body.String() != "ok\n" {
				t.Errorf("/healthz answered %d %q; it is ok while the process serves", alive.Code, alive.Body)
			}
		})
	}
}

func TestHeadersKeepOthersOut(t *testing.T) {
	h := New(options())
	for path, policyPart := range map[string]string{
		"/": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img", "/healthz": "default-src 'none'", "/nothing": "default-src 'none'",
		"/queues/": "script-src 'self' 'unsafe-inline'",
	} {
		header := ask(h, "GET", path).Header()
		if got := header.Get("Content-Security-Policy"); !strings.Contains(got, policyPart) || !strings.Contains(got, "frame-ancestors 'none'") {
			t.Errorf("%s: the policy is %q", path, got)
		}
		if header.Get("X-Frame-Options") != "DENY" || header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s lacks headers: %v", path, header)
		}
	}
	if got := ask(h, "GET", "/queues/static/js/main.js").Header().Get("Cache-Control"); !strings.Contains(got, "max-age") {
		t.Errorf("asynqmon's scripts may be kept; Cache-Control is %q", got)
	}
}

func TestAPanicEndsOneRequest(t *testing.T) {
	var log bytes.Buffer
	o := options()
	o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o.Queues = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("out of order") })
	h := New(o)
	if got := ask(h, "GET", "/queues/?secret=s3cret"); got.Code != 500 || strings.Contains(got.Body.String(), "out of order") {
		t.Errorf("answered %d %s", got.Code, got.Body)
	}
	for _, part := range []string{"out of order", "level=DEBUG", "path=/queues/", "status=500"} {
		if !strings.Contains(log.String(), part) {
			t.Errorf("the log lacks %q", part)
		}
	}
	if strings.Contains(log.String(), "s3cret") {
		t.Error("the log holds a query")
	}
	if got := ask(h, "GET", "/healthz"); got.Code != 200 {
		t.Errorf("afterwards /healthz answers %d", got.Code)
	}
}

// stand answers all that the pages ask; what a test does not set is empty.
type stand struct {
	records []*message.Record
	ends    []*message.Record
	batch   standing.Batch
	err     error
	refusal error    // of each doubt that is to end with others
	done    []string // what was done, in order
}

func (s *stand) do(format string, args ...any) error {
	s.done = append(s.done, fmt.Sprintf(format, args...))
	return s.err
}

func (s *stand) Status(_ context.Context, account, id string) (*message.Record, error) {
	for _, r := range s.records {
		if r.Account == account && r.ID == id {
			return r, s.err
		}
	}
	return nil, cmp.Or(s.err, error(&fault.Error{Class: fault.NotFound, Message: "account " + account + " has no message " + id + ": it was never taken, or ended longer ago than message.keep"}))
}

func (s *stand) Find(_ context.Context, _, openid, _ string, _ time.Time) (found []*message.Record, _ error) {
	for _, r := range s.records {
		if r.OpenID == openid {
			found = append(found, r)
		}
	}
	return found, s.err
}

func (s *stand) Clock(context.Context) (time.Time, error) {
	return time.UnixMilli(1795700000000), s.err
}

func (s *stand) Page(_ context.Context, _ string, f ledger.Filter, _ ledger.Place, _ int) (p ledger.EndsPage, _ error) {
	for _, r := range s.ends {
		if f.Picks(r) {
			p.Records = append(p.Records, r)
		}
	}
	return p, s.err
}

func (s *stand) Replay(ctx context.Context, account string, f ledger.Filter, who string) (Replayed, error) {
	p, _ := s.Page(ctx, account, f, ledger.Place{}, 0)
	return Replayed{Sent: len(p.Records)}, s.do("%s replays %d of %s until %d", who, len(p.Records), account, f.Until.UnixMilli())
}

func (s *stand) Resolve(_ context.Context, account, id string, how ledger.Resolution, who string) (message.State, error) {
	return "", s.do("%s ends %s of %s: %s", who, id, account, how)
}

func (s *stand) ResolveAll(ctx context.Context, account string, f ledger.Filter, how ledger.Resolution, who string, each func(string, error)) (bool, error) {
	p, _ := s.Page(ctx, account, f, ledger.Place{}, 0)
	for _, r := range p.Records {
		each(r.ID, s.refusal)
	}
	return false, s.do("%s ends %d of %s until %d: %s", who, len(p.Records), account, f.Until.UnixMilli(), how)
}

func (s *stand) Show(context.Context, string, string) (standing.Batch, error) { return s.batch, s.err }

func (s *stand) Pause(_ context.Context, account, name, who string) error {
	return s.do("%s pauses %s of %s", who, name, account)
}

func (s *stand) Resume(_ context.Context, account, name, who string) error {
	return s.do("%s resumes %s of %s", who, name, account)
}

func (s *stand) Cancel(_ context.Context, account, name, who string) error {
	return s.do("%s cancels %s of %s", who, name, account)
}

func (s *stand) List(context.Context, string, string) ([]permit.Standing, error) {
	return []permit.Standing{{Type: message.FormPermit, Code: "form-1", Left: 1, ExpiresAt: time.UnixMilli(1795700000000)},
		{Type: message.ConsentPermit, Template: "tpl", Left: 2}}, s.err
}

func (s *stand) Park(_ context.Context, account string, kind message.Kind, reason, who string, until time.Time) error {
	return s.do("%s parks %s.%s: %s, for good %v", who, account, kind, reason, until.IsZero())
}

func (s *stand) Unpark(_ context.Context, account string, kind message.Kind, who string) error {
	return s.do("%s unparks %s.%s", who, account, kind)
}

// options lets all be changed, without a login, in pages that show a stand.
func (s *stand) options() Options {
	o := options()
	o.Messages, o.Ends, o.Doubts, o.Batches, o.Permits, o.Operator, o.ReadWrite = s, s, s, s, s, s, true
	return o
}
