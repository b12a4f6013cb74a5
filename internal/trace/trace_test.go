package trace_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/trace"
	"wxdispatch/internal/trace/tracetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	kept   = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	unkept = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
)

func open(t *testing.T, o trace.Options) *trace.Tracer {
	t.Helper()
	tracer, err := trace.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return tracer
}

func closed(t *testing.T, tracer *trace.Tracer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := tracer.Close(ctx); err != nil {
		t.Error(err)
	}
}

func TestWhoDecidesWhatIsKept(t *testing.T) {
	for _, tt := range []struct {
		sample float64
		parent string
		want   int
	}{{1, "", 1}, {0, "", 0}, {0, kept, 1}, {1, unkept, 0}, {1, "damaged", 1}} {
		c := tracetest.Start(t)
		tracer := open(t, trace.Options{Endpoint: c.URL + "/", Sample: tt.sample, Service: "test"})
		ctx, span := tracer.Start(trace.Join(t.Context(), tt.parent), "work", trace.Inner, slog.Duration("for_s", 1500*time.Millisecond), slog.Int("n", 7))
		if got := trace.Kept(ctx); got != (tt.want == 1) {
			t.Errorf("%+v: kept %v", tt, got)
		}
		if !message.ValidTrace(trace.Parent(ctx)) {
			t.Errorf("%+v: carried on as %q", tt, trace.Parent(ctx))
		}
		span.End()
		closed(t, tracer)
		spans := c.Spans()
		if len(spans) != tt.want {
			t.Errorf("%+v: %+v", tt, spans)
		}
		for _, s := range spans {
			if s.Service != "test" || s.Attributes["for_s"] != "1.5" || s.Attributes["n"] != "7" {
				t.Errorf("%+v", s)
			}
		}
	}
}

func TestWhatIsHandedOverIsToldByItsClass(t *testing.T) {
	c := tracetest.Start(t)
	tracer := open(t, trace.Options{Endpoint: c.URL + "/v1/traces", Sample: 1})
	_, span := tracer.Hand(t.Context(), &message.Message{Account: "shop", Kind: message.Template, Batch: "spring"})
	span.Taken("made", "", false, &fault.Error{Class: fault.Conflict, Message: "words that may hold an openid"})
	closed(t, tracer)
	got := c.Named("enqueue")
	if len(got) != 1 || !got[0].Failed || got[0].Attributes[trace.Class] != "conflict" || got[0].Attributes[trace.MessageID] != "made" || got[0].Attributes[trace.Batch] != "spring" {
		t.Errorf("%+v", got)
	}
	if bytes.Contains([]byte(c.Text()), []byte("openid")) {
		t.Error(c.Text())
	}
}

func TestLogLinesNameTheirTrace(t *testing.T) {
	var out bytes.Buffer
	log := trace.Logs(slog.New(slog.NewJSONHandler(&out, nil))).With(slog.String("account", "shop"))
	log.InfoContext(trace.Join(t.Context(), kept), "within")
	log.Info("without")
	lines := json.NewDecoder(&out)
	for _, want := range []string{"4bf92f3577b34da6a3ce929d0e0e4736", ""} {
		var line map[string]string
		if err := lines.Decode(&line); err != nil || line["trace_id"] != want || line["account"] != "shop" {
			t.Errorf("%v, %v", line, err)
		}
	}
}

func TestLostSpansAreToldOnce(t *testing.T) {
	var asked, told atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer other.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	tracer := open(t, trace.Options{Endpoint: server.URL, Sample: 1, Authorization: "Bearer secret-of-the-collector", Failed: func(err error) {
		told.Add(1)
		if err == nil || bytes.Contains([]byte(err.Error()), []byte("secret-of-the-collector")) {
			t.Error(err)
		}
	}})
	for range 1200 { // three requests
		_, span := tracer.Start(t.Context(), "work", trace.Inner)
		span.End()
	}
	closed(t, tracer)
	if asked.Load() < 2 || told.Load() != 1 {
		t.Errorf("asked %d times, told %d times", asked.Load(), told.Load())
	}
}

// The library reads variables of its own; only the headers count, where the
// configuration has none.
func TestTheLibrarysOwnVariables(t *testing.T) {
	c := tracetest.Start(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:1")
	t.Setenv("OTEL_TRACES_SAMPLER", "always_off")
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=other")
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=blue")
	tracer := open(t, trace.Options{Endpoint: c.URL, Sample: 1, Service: "test"})
	_, span := tracer.Start(t.Context(), "work", trace.Inner)
	span.End()
	closed(t, tracer)
	if got := c.Named("work"); len(got) != 1 || got[0].Service != "test" || c.Headers()[0].Get("X-Tenant") != "blue" {
		t.Errorf("%+v with %v", got, c.Headers())
	}
}

func TestAnEndpointThatIsNone(t *testing.T) {
	if _, err := trace.Open(trace.Options{Endpoint: "http://a b:x"}); !fault.Is(err, fault.Invalid) || errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
