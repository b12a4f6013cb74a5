package trace

import (
	"context"
	"log/slog"

	otel "go.opentelemetry.io/otel/trace"
)

// Logs is a log whose lines name the trace and span that they were written in,
// as trace_id and span_id.
func Logs(log *slog.Logger) *slog.Logger { return slog.New(lines{log.Handler()}) }

type lines struct{ slog.Handler }

// Handle adds what ctx says.
func (l lines) Handle(ctx context.Context, r slog.Record) error {
	if at := otel.SpanContextFromContext(ctx); at.IsValid() {
		r = r.Clone()
		r.AddAttrs(slog.String("trace_id", at.TraceID().String()), slog.String("span_id", at.SpanID().String()))
	}
	return l.Handler.Handle(ctx, r)
}

// WithAttrs is the log with more to each line.
func (l lines) WithAttrs(attrs []slog.Attr) slog.Handler { return lines{l.Handler.WithAttrs(attrs)} }

// WithGroup is the log whose further attributes stand in a group.
func (l lines) WithGroup(name string) slog.Handler { return lines{l.Handler.WithGroup(name)} }
