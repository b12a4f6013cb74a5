package trace

import (
	"context"

	"go.opentelemetry.io/otel/propagation"
	otel "go.opentelemetry.io/otel/trace"
)

// header is W3C's name of what carries a trace on.
const header = "traceparent"

// Join continues the trace of a traceparent, as a header, a task or a message
// carries it. Without one, or with one that is damaged, ctx is not changed.
func Join(ctx context.Context, traceparent string) context.Context {
	if traceparent == "" {
		return ctx
	}
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{header: traceparent})
}

// Parent is the traceparent of ctx's span, 55 characters, or "" without one.
func Parent(ctx context.Context) string {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier[header]
}

// Kept tells whether ctx's span is one that goes to the collector.
func Kept(ctx context.Context) bool { return otel.SpanContextFromContext(ctx).IsSampled() }
