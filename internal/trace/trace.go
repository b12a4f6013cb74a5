// Package trace follows messages from the app's request to the receipt, as
// OpenTelemetry spans that go to a collector over OTLP/HTTP.
//
// Its promise: it never fails what it follows. A collector that is away loses
// spans, holds nothing up and is told once a minute; one that is too slow loses
// what 8,192 places cannot hold. Nothing of it is
// global: who wants spans is handed a Tracer, and who wants none has none and
// pays nothing. Which steps are worth a span, and what of them may be told, is
// for those who assemble a program; openids, tokens, secrets and content are
// never handed in.
package trace

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	otel "go.opentelemetry.io/otel/trace"

	"wxdispatch/internal/fault"
)

const (
	// queued is how many spans wait for the collector; those beyond are dropped.
	queued = 8192
	// page is how many of them go in one request.
	page = 512
	// linger is how long a span waits for others at most.
	linger = 2 * time.Second
	// patience is how long one request to the collector may take, and how long a
	// page is tried again.
	patience = 5 * time.Second
)

// Options say where spans go.
type Options struct {
	Endpoint      string  // http or https; without a path /v1/traces is added
	Authorization string  // the header of that name; empty: none
	Sample        float64 // 0 to 1: the part of traces that begin here which is kept
	Service       string  // service.name
	// Failed hears, once a minute at most, why spans were lost. It must not block.
	Failed func(error)
}

// Tracer opens spans. It is safe for concurrent use, and must be closed.
type Tracer struct {
	provider  *sdk.TracerProvider
	tracer    otel.Tracer
	transport *http.Transport
}

// Open makes a tracer. It does not connect: the first spans do. Class Invalid:
// the endpoint is no URL.
func Open(o Options) (*Tracer, error) {
	endpoint, err := endpoint(o.Endpoint)
	if err != nil {
		return nil, &fault.Error{Op: "trace.open", Class: fault.Invalid, Message: "the endpoint is no URL"}
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 2, IdleConnTimeout: 30 * time.Second}
	options := []otlptracehttp.Option{
		otlptracehttp.WithEndpointURL(endpoint),
		otlptracehttp.WithCompression(otlptracehttp.GzipCompression),
		otlptracehttp.WithRetry(otlptracehttp.RetryConfig{Enabled: true, InitialInterval: 500 * time.Millisecond, MaxInterval: 2 * time.Second, MaxElapsedTime: patience}),
		otlptracehttp.WithHTTPClient(&http.Client{Transport: transport, Timeout: patience, CheckRedirect: stay}),
	}
	if o.Authorization != "" {
		options = append(options, otlptracehttp.WithHeaders(map[string]string{"Authorization": o.Authorization}))
	}
	out, err := otlptracehttp.New(context.Background(), options...)
	if err != nil {
		return nil, &fault.Error{Op: "trace.open", Class: fault.Invalid, Message: "spans have no way out", Err: err}
	}
	t := &Tracer{transport: transport, provider: sdk.NewTracerProvider(
		sdk.WithBatcher(&outlet{SpanExporter: out, failed: o.Failed}, sdk.WithMaxQueueSize(queued), sdk.WithMaxExportBatchSize(page),
			sdk.WithBatchTimeout(linger), sdk.WithExportTimeout(2*patience)),
		sdk.WithSampler(sdk.ParentBased(sdk.TraceIDRatioBased(o.Sample))),
		sdk.WithResource(whose(o.Service)),
	)}
	t.tracer = t.provider.Tracer("wxdispatch")
	return t, nil
}

// Close hands over what waits, until ctx ends at the latest. What was opened
// must have ended.
func (t *Tracer) Close(ctx context.Context) error {
	err := t.provider.Shutdown(ctx)
	t.transport.CloseIdleConnections()
	return err
}

// endpoint is where spans are posted.
func endpoint(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil {
		return "", err
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/v1/traces"
	}
	return u.String(), nil
}

// stay follows no redirect: whoever answers one is no collector.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// whose names the program and the machine. The library's own variables
// (OTEL_RESOURCE_ATTRIBUTES) have no say.
func whose(service string) *resource.Resource {
	host, _ := os.Hostname()
	return resource.NewSchemaless(attribute.String("service.name", service), attribute.String("host.name", host))
}
