package remote_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/remote"
	"wxdispatch/internal/secrettest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const key = "remote-key-0123456789"

// newStub answers every call as a handler says.
func newStub(t testing.TB, answer http.HandlerFunc) *remote.Remote {
	return stub(t, answer, remote.Options{})
}

// stub is newStub with options.
func stub(t testing.TB, answer http.HandlerFunc, o remote.Options) *remote.Remote {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	r, err := remote.New(server.URL+"/below", key, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func order(t testing.TB, id string) *message.Message {
	t.Helper()
	m, err := message.Compose(message.Draft{ID: id, Account: "shop",
		Body: &message.TemplateBody{ToUser: "oSecretUser", Template: "tpl", Data: message.Data{"k": message.Text("v")}}})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAMessagesTraceIsCarriedOn(t *testing.T) {
	const parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	for trace, want := range map[string]string{parent: parent, "": "", "00-x\r\nX-Other: y": ""} {
		var got string
		r := newStub(t, func(w http.ResponseWriter, q *http.Request) {
			got = q.Header.Get("traceparent")
			says(202, `{"id":"a","account":"shop","state":"queued"}`)(w, q)
		})
		m := order(t, "a")
		m.Trace = trace
		if _, err := r.Take(t.Context(), m); err != nil || got != want {
			t.Errorf("%q is carried on as %q, %v", trace, got, err)
		}
	}
}

func says(status int, text string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
}

func refusal(code string) string {
	return `{"error":{"code":"` + code + `","message":"words","fields":[{"path":"send_at","message":"bad"}]}}`
}

func TestWhatAnswersMean(t *testing.T) {
	for what, c := range map[string]struct {
		answer http.HandlerFunc
		class  fault.Class
		after  time.Duration
	}{
		"taken":               {says(202, `{"id":"a","account":"shop","state":"queued","duplicate":false}`), "", 0},
		"taken before":        {says(200, `{"id":"a","account":"shop","state":"accepted","duplicate":true}`), "", 0},
		"invalid":             {says(422, refusal("invalid")), fault.Invalid, 0},
		"conflict":            {says(409, refusal("conflict")), fault.Conflict, 0},
		"unpermitted":         {says(409, refusal("unpermitted")), fault.Unpermitted, 0},
		"suppressed":          {says(409, refusal("suppressed")), fault.Suppressed, 0},
		"parked":              {says(409, refusal("parked"), "Retry-After", "60"), fault.Parked, time.Minute},
		"unknown account":     {says(422, `{"error":{"code":"invalid","message":"","fields":[{"path":"account","message":"nobody knows it"}]}}`), fault.NotFound, 0},
		"no key":              {says(401, refusal("unauthorized")), fault.Denied, 0},
		"another's":           {says(403, refusal("forbidden")), fault.Denied, 0},
		"too large":           {says(413, refusal("too_large")), fault.Invalid, 0},
		"Redis is away":       {says(503, `{"id":"a","error":{"code":"unavailable","message":"Redis is away","fields":[]}}`, "Retry-After", "7"), fault.Unavailable, 7 * time.Second},
		"Redis, no time told": {says(503, refusal("unavailable")), fault.Unavailable, 2 * time.Second},
		"a year told":         {says(503, refusal("unavailable"), "Retry-After", "31536000"), fault.Unavailable, time.Hour},
		"a panic":             {says(500, refusal("internal")), fault.Unavailable, 2 * time.Second},
		"a code of tomorrow":  {says(409, refusal("moonphase")), fault.Unavailable, 2 * time.Second},
		"a proxy":             {says(502, "<html>Bad Gateway</html>"), fault.Unavailable, 2 * time.Second},
		"another server":      {says(404, "404 page not found"), fault.Unavailable, 2 * time.Second},
		"a web page":          {says(200, "<html>welcome</html>"), fault.Unavailable, 2 * time.Second},
		"another's message":   {says(202, `{"id":"b","account":"shop","state":"queued"}`), fault.Unavailable, 2 * time.Second},
		"nothing":             {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, fault.Unavailable, 2 * time.Second},
		"half":                {says(202, `{"id":"a","acc`, "Content-Length", "90"), fault.Unavailable, 2 * time.Second},
		"without end":         {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.Copy(w, zeros{}) }, fault.Unavailable, 2 * time.Second},
	} {
		t.Run(what, func(t *testing.T) {
			r := stub(t, c.answer, remote.Options{})
			result, err := r.Take(t.Context(), order(t, "a"))
			if fault.ClassOf(err) != c.class || fault.RetryAfter(err) != c.after || result.ID != "a" || result.Account != "shop" {
				t.Errorf("%+v, %v (after %s); want class %q after %s", result, err, fault.RetryAfter(err), c.class, c.after)
			}
			if c.class == fault.Invalid && !strings.Contains(err.Error(), "send_at: bad") {
				t.Errorf("%v lacks the fields", err)
			}
			if err != nil {
				secrettest.Hidden(t, "the error", fmt.Sprintf("%+v %#v", err, err), key)
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(to []byte) (int, error) { clear(to); return len(to), nil }

func TestACallIsMadeAsTheAPITakesIt(t *testing.T) {
	var calls []string
	r := stub(t, func(w http.ResponseWriter, q *http.Request) {
		calls = append(calls, q.Method+" "+q.URL.EscapedPath()+"?"+q.URL.RawQuery)
		if q.Header.Get("Authorization") != "Bearer "+key {
			t.Errorf("the key is missing from %s", q.URL.Path)
		}
		_, _ = io.WriteString(w, `{}`)
	}, remote.Options{})
	ctx := t.Context()
	_, _ = r.Status(ctx, "shop", "..")
	_, _ = r.Cancel(ctx, "shop", "a:b")
	_, _ = r.Find(ctx, "shop", "o/?&", "t", time.Unix(1e9, 0))
	_, _ = remote.Permits{Remote: r}.List(ctx, "shop", "../x?y")
	_ = remote.Wishes{Remote: r}.Lift(ctx, "shop", "o", "t&")
	_, bad := r.Status(ctx, "shop", "a/b")
	want := []string{
		"GET /below/api/v1/accounts/shop/messages/%2E%2E?",
		"DELETE /below/api/v1/accounts/shop/messages/a:b?",
		"GET /below/api/v1/accounts/shop/messages?limit=1000&openid=o%2F%3F%26&since=2001-09-09T01%3A46%3A40Z&template_id=t",
		"GET /below/api/v1/accounts/shop/permits/..%2Fx%3Fy?",
		"DELETE /below/api/v1/accounts/shop/suppressions/o?template_id=t%26",
	}
	if got := strings.Join(calls, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("calls:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
	if !fault.Is(bad, fault.NotFound) {
		t.Error(bad)
	}
}

// The key goes to no other place, and no error tells who was asked for.
func TestARedirectIsNotFollowed(t *testing.T) {
	var led atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { led.Add(1) }))
	defer elsewhere.Close()
	r := stub(t, func(w http.ResponseWriter, q *http.Request) {
		http.Redirect(w, q, elsewhere.URL, http.StatusTemporaryRedirect)
	}, remote.Options{Client: &http.Client{}})
	_, err := r.Find(t.Context(), "shop", "oSecretUser", "", time.Time{})
	if !fault.Is(err, fault.Unavailable) || led.Load() != 0 || strings.Contains(err.Error(), "oSecretUser") {
		t.Errorf("%v; led elsewhere %d times", err, led.Load())
	}
}

func TestACallEndsInTime(t *testing.T) {
	release := make(chan struct{})
	r := stub(t, func(http.ResponseWriter, *http.Request) { <-release }, remote.Options{Timeout: 30 * time.Millisecond})
	defer close(release)
	_, err := r.Find(t.Context(), "shop", "oSecretUser", "", time.Time{})
	if !fault.Is(err, fault.Unavailable) || !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "oSecretUser") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Status(ctx, "shop", "a"); !fault.Is(err, fault.Unavailable) || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	var opened atomic.Int32
	server := httptest.NewUnstartedServer(says(404, refusal("not_found")))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	r, err := remote.New(server.URL, key, remote.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for range 50 {
		if _, err := r.Status(t.Context(), "shop", "a"); !fault.Is(err, fault.NotFound) {
			t.Fatal(err)
		}
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("50 calls opened %d connections", n)
	}
}
