package gateway

import (
	"context"
	"log/slog"
	"net/http"

	"wxdispatch/internal/intake"
	"wxdispatch/internal/message"
	"wxdispatch/internal/trace"
)

// Taker takes one message.
type Taker interface {
	// Take brings it into its queue; see internal/intake.
	Take(ctx context.Context, m *message.Message) (intake.Result, error)
}

// TakerOfMany takes many.
type TakerOfMany interface {
	// TakeMany answers each in order; see internal/intake.
	TakeMany(ctx context.Context, messages []*message.Message) []intake.Outcome
}

// Followed is a Taker with a span for each message, which the message carries on
// into the queue.
type Followed struct {
	Taker
	Tracer *trace.Tracer
}

// Take brings a message into its queue.
func (f Followed) Take(ctx context.Context, m *message.Message) (intake.Result, error) {
	ctx, span := f.Tracer.Hand(ctx, m)
	result, err := f.Taker.Take(ctx, m)
	span.Taken(result.ID, result.State, result.Duplicate, err)
	return result, err
}

// FollowedMany is a TakerOfMany with a trace for each message.
type FollowedMany struct {
	TakerOfMany
	Tracer *trace.Tracer
}

// TakeMany brings messages into their queues.
func (f FollowedMany) TakeMany(ctx context.Context, messages []*message.Message) []intake.Outcome {
	spans := f.Tracer.HandMany(ctx, messages)
	outcomes := f.TakerOfMany.TakeMany(ctx, messages)
	for i, o := range outcomes {
		spans[i].Taken(o.ID, o.State, o.Duplicate, o.Err)
	}
	return outcomes
}

// requests follows the requests of the API.
type requests struct{ tracer *trace.Tracer }

// Request opens the span of one, below the caller's where its traceparent names
// that.
func (f requests) Request(r *http.Request, route string) (context.Context, func(status int)) {
	ctx, span := f.tracer.Start(trace.Join(r.Context(), r.Header.Get("traceparent")), r.Method+" "+route, trace.Server,
		slog.String("http.request.method", r.Method), slog.String("http.route", route))
	return ctx, func(status int) {
		span.Set(slog.Int("http.response.status_code", status))
		if status >= http.StatusInternalServerError {
			span.Fail(http.StatusText(status))
		}
		span.End()
	}
}
