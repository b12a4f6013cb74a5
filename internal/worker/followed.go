package worker

import (
	"context"
	"log/slog"
	"time"

	"wxdispatch/internal/dispatch"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/lane"
	"wxdispatch/internal/message"
	"wxdispatch/internal/trace"
)

// follow has a dispatcher's messages followed where traces are on: a span for
// each time that one is handled, and below it one for each step. Where they are
// off it is the dispatcher itself.
func (a *account) follow(d *dispatch.Dispatcher) lane.Dispatcher {
	t := a.ground.tracer
	if t == nil {
		return d
	}
	d.Tokens = followedTokens{d.Tokens, t}
	d.Pace = followedPace{d.Pace, t}
	d.Ledger = followedLedger{d.Ledger, t, a.ground.book}
	d.Sender = followedSender{d.Sender, t}
	return followed{d, t}
}

// followed handles messages within spans.
type followed struct {
	lane.Dispatcher
	tracer *trace.Tracer
}

// Handle follows the message from the queue on, within the trace of whoever
// handed it over.
func (f followed) Handle(ctx context.Context, job message.Job) message.Verdict {
	m := job.Message
	ctx, span := f.tracer.Start(trace.Join(ctx, m.Trace), "handle", trace.Consumer, trace.Of(m)...)
	defer span.End()
	waited := max(0, time.Since(m.Due(job.Created)))
	verdict := f.Dispatcher.Handle(context.WithValue(ctx, passageKey{}, &passage{}), job)
	span.Set(slog.Duration("wxdispatch.since_due_s", waited), slog.String(trace.State, string(verdict.State)),
		slog.String("wxdispatch.reason", verdict.Reason))
	switch verdict.Next {
	case message.Stop:
		span.Fail(string(verdict.State))
	case message.Again:
		span.Set(slog.Duration("wxdispatch.again_in_s", verdict.After))
	}
	return verdict
}

// ended ends the span of a step, with the class of what went wrong.
func ended(span trace.Span, err error) {
	if err != nil {
		span.Fail(string(fault.ClassOf(err)))
	}
	span.End()
}
