package trace

import (
	"context"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	otel "go.opentelemetry.io/otel/trace"
)

// Kind is how a span stands to what is outside of the program.
type Kind = otel.SpanKind

// The kinds.
const (
	Inner    = otel.SpanKindInternal
	Server   = otel.SpanKindServer   // answers a request
	Client   = otel.SpanKindClient   // makes one
	Producer = otel.SpanKindProducer // puts something into a queue
	Consumer = otel.SpanKindConsumer // works on what lay there
)

// Span is a stretch of work. Whoever opened it ends it.
type Span struct{ span otel.Span }

// Start opens a span below that of ctx, or a trace of its own where there is
// none. The context carries it on.
func (t *Tracer) Start(ctx context.Context, name string, kind Kind, attrs ...slog.Attr) (context.Context, Span) {
	return t.StartAt(ctx, time.Time{}, name, kind, attrs...)
}

// StartAt is Start of something that has begun before; a zero time: now.
func (t *Tracer) StartAt(ctx context.Context, at time.Time, name string, kind Kind, attrs ...slog.Attr) (context.Context, Span) {
	options := make([]otel.SpanStartOption, 0, 3)
	options = append(options, otel.WithSpanKind(kind), otel.WithAttributes(attributes(attrs)...))
	if !at.IsZero() {
		options = append(options, otel.WithTimestamp(at))
	}
	ctx, span := t.tracer.Start(ctx, name, options...)
	return ctx, Span{span}
}

// startAlone opens a trace of its own that points to the span of ctx.
func (t *Tracer) startAlone(ctx context.Context, name string, kind Kind, attrs ...slog.Attr) (context.Context, Span) {
	options := []otel.SpanStartOption{otel.WithNewRoot(), otel.WithSpanKind(kind), otel.WithAttributes(attributes(attrs)...)}
	if from := otel.SpanContextFromContext(ctx); from.IsValid() {
		options = append(options, otel.WithLinks(otel.Link{SpanContext: from}))
	}
	ctx, span := t.tracer.Start(ctx, name, options...)
	return ctx, Span{span}
}

// Set tells more of the span.
func (s Span) Set(attrs ...slog.Attr) {
	if s.span.IsRecording() {
		s.span.SetAttributes(attributes(attrs)...)
	}
}

// Fail marks the span as one that went wrong; why is a word, as a class.
func (s Span) Fail(why string) { s.span.SetStatus(codes.Error, why) }

// End ends the span now.
func (s Span) End() { s.span.End() }

// attributes are those of slog as OpenTelemetry has them; durations are seconds.
func attributes(attrs []slog.Attr) []attribute.KeyValue {
	list := make([]attribute.KeyValue, len(attrs))
	for i, a := range attrs {
		switch a.Value.Kind() {
		case slog.KindInt64:
			list[i] = attribute.Int64(a.Key, a.Value.Int64())
		case slog.KindBool:
			list[i] = attribute.Bool(a.Key, a.Value.Bool())
		case slog.KindDuration:
			list[i] = attribute.Float64(a.Key, a.Value.Duration().Seconds())
		default:
			list[i] = attribute.String(a.Key, a.Value.String())
		}
	}
	return list
}
