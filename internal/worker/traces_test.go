package worker_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"wxdispatch/internal/config"
	"wxdispatch/internal/gateway"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/secrettest"
	"wxdispatch/internal/trace/tracetest"
	"wxdispatch/internal/wechat/wechattest"
)

const (
	traceKey   = "api-secret-of-the-traces"
	appTrace   = "4bf92f3577b34da6a3ce929d0e0e4736"
	appSpan    = "00f067aa0ba902b7"
	appParent  = "00-" + appTrace + "-" + appSpan + "-01"
	unkept     = "00-" + appTrace + "-" + appSpan + "-00"
	collectKey = "Bearer secret-of-the-collector"
)

// traced has spans go to a collector.
func traced(url string, sample float64) func(*config.Config) {
	return func(cfg *config.Config) {
		cfg.Traces = config.Traces{Endpoint: url, Authorization: collectKey, Sample: sample}
	}
}

// serve is enqueue serve on the stage's Redis.
func (s *stage) serve(change ...func(*config.Config)) *gateway.Gateway {
	s.t.Helper()
	cfg := config.Defaults()
	cfg.Redis.Addrs = []string{s.addr}
	cfg.API.Listen = "127.0.0.1:0"
	a := config.AccountDefaults(cfg.WeChat)
	a.Type, a.AppID, a.Secret = message.Official, "wxshop", secret
	cfg.Accounts["shop"] = a
	cfg.API.Keys["app"] = config.Key{Key: traceKey, Scopes: []string{"send", "read"}}
	for _, c := range change {
		c(&cfg)
	}
	g, err := gateway.New(&cfg, slog.New(slog.NewJSONHandler(s.logs, nil)))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := g.Start(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = g.Stop() })
	return g
}

// post hands messages over as an app does, and returns the answer's status.
func (s *stage) post(g *gateway.Gateway, path, parent string, bodies ...string) int {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, g.URL()+path, strings.NewReader(strings.Join(bodies, "\n")))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+traceKey)
	r.Header.Set("traceparent", parent)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	var read bytes.Buffer
	if _, err := read.ReadFrom(answer.Body); err != nil {
		s.t.Fatal(err)
	}
	return answer.StatusCode
}

const (
	one  = "/api/v1/messages"
	many = "/api/v1/messages/batch"
)

// headers are those of a task in its queue.
func (s *stage) headers(queue, id string) map[string]string {
	s.t.Helper()
	info, err := asynq.NewInspectorFromRedisClient(s.redis).GetTaskInfo(queue, id)
	if err != nil {
		s.t.Fatal(err)
	}
	return info.Headers
}

// linesOf are the lines of the log that say so.
func (s *stage) linesOf(words string) (lines []map[string]any) {
	s.t.Helper()
	for text := range strings.Lines(s.logs.String()) {
		var line map[string]any
		if json.Unmarshal([]byte(text), &line) == nil && line["msg"] == words {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestATraceGoesFromTheAppsRequestToTheReceipt(t *testing.T) {
	s, c := newStage(t, redistest.Server(t)), tracetest.Start(t)
	s.pushed("shop", s.pushes(), wechattest.Pushes{Mode: wechattest.PushSafe, Late: 1, LateBy: 200 * time.Millisecond})
	w, g := s.worker(traced(c.URL, 0)), s.serve(traced(c.URL, 0)) // what the app keeps is kept
	body := template(t, "paid", "oTheUserOfTheTrace")
	if status := s.post(g, one, appParent, string(body.Raw)); status != http.StatusAccepted {
		t.Fatal(status)
	}
	s.until("the receipt is there", func() bool { r := s.ended("shop", "paid"); return r.Receipt != nil })
	s.keysAreShort("wxd:{shop}:t:*", 1)
	s.stop(w)
	if err := g.Stop(); err != nil {
		t.Fatal(err)
	}

	spans := map[string]tracetest.Span{}
	for _, span := range c.Spans() {
		if _, twice := spans[span.Name]; twice {
			t.Errorf("two spans %s", span.Name)
		}
		if span.Trace != appTrace || span.Failed || span.End < span.Start {
			t.Errorf("%+v", span)
		}
		spans[span.Name] = span
	}
	for child, parent := range map[string]string{"enqueue": "POST " + one, "handle": "enqueue", "token": "handle", "pace": "handle",
		"begin": "handle", "send": "handle", "settle": "handle", "receipt": "send"} {
		if spans[child].Parent != spans[parent].ID || spans[child].ID == "" {
			t.Errorf("%s is not below %s: %+v", child, parent, spans[child])
		}
	}
	if first := spans["POST "+one]; first.Parent != appSpan || first.Service != "wxdispatch-serve" {
		t.Errorf("the request is not below the app's: %+v", first)
	}
	if got := spans["handle"].Service; got != "wxdispatch-worker" {
		t.Errorf("handled by %s", got)
	}
	if len(spans) != 9 {
		t.Errorf("%d spans: %+v", len(spans), spans)
	}
	wantAttributes(t, spans["send"], map[string]string{"wxdispatch.account": "shop", "wxdispatch.kind": "template", "wxdispatch.id": "paid",
		"wxdispatch.attempt": "1", "wxdispatch.class": "ok", "wxdispatch.errcode": "0", "url.path": "/cgi-bin/message/template/send"})
	wantAttributes(t, spans["receipt"], map[string]string{"wxdispatch.state": "delivered", "wxdispatch.receipt": "success"})
	wantAttributes(t, spans["POST "+one], map[string]string{"http.response.status_code": "202", "http.route": one})
	for _, words := range []string{"request", "attempt settled"} {
		lines := s.linesOf(words)
		if len(lines) != 1 || lines[0]["trace_id"] != appTrace || lines[0]["span_id"] == "" {
			t.Errorf("the log does not name the trace: %v", lines)
		}
	}
	secrettest.Hidden(t, "a span", c.Text(), secret, traceKey, collectKey, "oTheUserOfTheTrace", "access_token", pushToken)
	for _, header := range c.Headers() {
		if header.Get("Authorization") != collectKey {
			t.Errorf("the collector was sent %v", header)
		}
	}
}

func wantAttributes(t *testing.T, span tracetest.Span, want map[string]string) {
	t.Helper()
	for key, value := range want {
		if span.Attributes[key] != value {
			t.Errorf("%s: %s is %q, want %q", span.Name, key, span.Attributes[key], value)
		}
	}
}

// keysAreShort looks at keys that must go by themselves.
func (s *stage) keysAreShort(pattern string, n int) {
	s.t.Helper()
	found := s.redis.Keys(s.t.Context(), pattern).Val()
	if len(found) != n {
		s.t.Errorf("%d keys %s, want %d", len(found), pattern, n)
	}
	for _, key := range found {
		text, left := s.redis.Get(s.t.Context(), key).Val(), s.redis.TTL(s.t.Context(), key).Val()
		if len(text) > 64 || left <= 0 || left > time.Hour {
			s.t.Errorf("%s holds %q for %s", key, text, left)
		}
	}
}

func TestWithoutTracesNothingIsCarried(t *testing.T) {
	s, c := newStage(t, redistest.Server(t)), tracetest.Start(t)
	off, on := s.serve(), s.serve(traced(c.URL, 1))
	body := string(template(t, "paid", "oOne").Raw)
	if status := s.post(off, one, appParent, body); status != http.StatusAccepted {
		t.Fatal(status)
	}
	if got := s.headers("shop.template", "paid"); len(got) > 0 {
		t.Errorf("the task carries %v", got)
	}
	if status := s.post(on, one, appParent, body); status != http.StatusOK { // the same message, followed or not
		t.Errorf("a repeat with a trace is answered %d", status)
	}
	w := s.worker()
	s.ended("shop", "paid")
	s.stop(w)
	s.keysAreShort("wxd:{shop}:t:*", 0)
	if lines := s.linesOf("attempt settled"); len(lines) != 1 || lines[0]["trace_id"] != nil {
		t.Errorf("the log says %v", lines)
	}
	if err := on.Stop(); err != nil {
		t.Fatal(err)
	}
	if spans := c.Spans(); len(spans) != 2 { // of the repeat alone
		t.Errorf("%+v", spans)
	}
}

func TestWhatTheAppDoesNotKeepIsNotKept(t *testing.T) {
	s, c := newStage(t, redistest.Server(t)), tracetest.Start(t)
	w, g := s.worker(traced(c.URL, 1)), s.serve(traced(c.URL, 1))
	s.post(g, one, unkept, string(template(t, "paid", "oOne").Raw))
	s.ended("shop", "paid")
	s.keysAreShort("wxd:{shop}:t:*", 0)
	s.stop(w)
	if err := g.Stop(); err != nil {
		t.Fatal(err)
	}
	if spans := c.Spans(); len(spans) > 0 {
		t.Errorf("%+v", spans)
	}
}

func TestEachOfManyHasATraceOfItsOwn(t *testing.T) {
	s, c := newStage(t, redistest.Server(t)), tracetest.Start(t)
	g := s.serve(traced(c.URL, 1))
	s.post(g, many, appParent, string(template(t, "one", "oOne").Raw), string(template(t, "two", "oTwo").Raw))
	w := s.worker(traced(c.URL, 1))
	s.ended("shop", "one")
	s.ended("shop", "two")
	s.stop(w)
	if err := g.Stop(); err != nil {
		t.Fatal(err)
	}
	request, handed := c.Named("POST "+many), c.Named("enqueue")
	if len(request) != 1 || request[0].Trace != appTrace || len(handed) != 2 || handed[0].Trace == handed[1].Trace {
		t.Fatalf("%+v\n%+v", request, handed)
	}
	for _, span := range handed {
		if span.Parent != "" || !slices.Equal(span.Links, []string{request[0].ID}) {
			t.Errorf("it does not point to the request: %+v", span)
		}
		sent := slices.IndexFunc(c.Named("handle"), func(h tracetest.Span) bool { return h.Trace == span.Trace && h.Parent == span.ID })
		if sent < 0 {
			t.Errorf("nobody handles %+v", span)
		}
	}
}

func TestARefusedSendIsAFailedSpan(t *testing.T) {
	s, c := newStage(t, redistest.Server(t)), tracetest.Start(t)
	w := s.worker(traced(c.URL, 1))
	s.sim.Inject(wechattest.Fault{Code: 43004, Times: 1})
	m := template(t, "paid", "oOne")
	s.put(m)
	if r := s.ended("shop", "paid"); r.State != message.Refused {
		t.Fatal(r.State)
	}
	s.stop(w)
	send, handle := c.Named("send"), c.Named("handle")
	if len(send) != 1 || !send[0].Failed || len(handle) != 1 || !handle[0].Failed || handle[0].Parent != "" {
		t.Fatalf("%+v\n%+v", send, handle)
	}
	wantAttributes(t, send[0], map[string]string{"wxdispatch.errcode": "43004", "wxdispatch.class": "recipient", "wxdispatch.rid": s.ended("shop", "paid").RID})
	wantAttributes(t, handle[0], map[string]string{"wxdispatch.state": "refused"})
}

func TestACollectorThatIsAwayHoldsNothingUp(t *testing.T) {
	s := newStage(t, redistest.Server(t))
	w := s.worker(traced("http://127.0.0.1:1", 1))
	s.put(template(t, "paid", "oOne"))
	if r := s.ended("shop", "paid"); r.State != message.Accepted {
		t.Error(r.State)
	}
	begun := time.Now()
	s.stop(w)
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("the worker took %s to end", took)
	}
	if len(s.linesOf("the last spans were lost"))+len(s.linesOf("spans were lost: the collector does not take them")) == 0 {
		t.Error("nobody says that spans were lost")
	}
}
