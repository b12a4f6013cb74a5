package worker

import (
	"context"
	"log/slog"
	"time"

	"wxdispatch/internal/dispatch"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/lane"
	"wxdispatch/internal/ledger"
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

// passage is what the steps of one go at a message tell each other.
type passage struct {
	attempt int    // the number of the attempt, once begun
	call    string // the traceparent of the last call, where its span is kept
}

type passageKey struct{}

func passageOf(ctx context.Context) *passage {
	if p, there := ctx.Value(passageKey{}).(*passage); there {
		return p
	}
	return &passage{}
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

type followedTokens struct {
	dispatch.Tokens
	tracer *trace.Tracer
}

// Token follows the way to a token.
func (f followedTokens) Token(ctx context.Context) (string, error) {
	ctx, span := f.tracer.Start(ctx, "token", trace.Inner)
	token, err := f.Tokens.Token(ctx)
	ended(span, err)
	return token, err
}

// Refresh follows the way to another token.
func (f followedTokens) Refresh(ctx context.Context, stale string) (string, error) {
	ctx, span := f.tracer.Start(ctx, "token refresh", trace.Inner)
	token, err := f.Tokens.Refresh(ctx, stale)
	ended(span, err)
	return token, err
}

type followedPace struct {
	dispatch.Pace
	tracer *trace.Tracer
}

// Slot follows the wait for a slot.
func (f followedPace) Slot(ctx context.Context, batch bool) (func(), time.Time, error) {
	ctx, span := f.tracer.Start(ctx, "pace", trace.Inner)
	end, good, err := f.Pace.Slot(ctx, batch)
	ended(span, err)
	return end, good, err
}

type followedLedger struct {
	dispatch.Ledger
	tracer *trace.Tracer
	book   *ledger.Ledger
}

// Begin follows the question for leave.
func (f followedLedger) Begin(ctx context.Context, a message.Attempt) (message.Leave, error) {
	ctx, span := f.tracer.Start(ctx, "begin", trace.Inner)
	leave, err := f.Ledger.Begin(ctx, a)
	if err == nil {
		passageOf(ctx).attempt = leave.Attempt
		span.Set(slog.String("wxdispatch.decision", string(leave.Decision)), slog.String(trace.State, string(leave.State)))
	}
	ended(span, err)
	return leave, err
}

// Settle follows what is written down of an attempt. Where the call's trace goes
// on is noted before: a receipt may come at once.
func (f followedLedger) Settle(ctx context.Context, s message.Settlement) (message.Settled, error) {
	ctx, span := f.tracer.Start(ctx, "settle", trace.Inner)
	if p := passageOf(ctx); p.call != "" && s.Answer.MsgID != "" {
		_ = f.book.KeepTrace(ctx, s.Message.Account, s.Answer.MsgID, p.call) // without it the receipt is not followed
		p.call = ""                                                          // once: it must not hold up the settle's next try
	}
	settled, err := f.Ledger.Settle(ctx, s)
	if err == nil {
		span.Set(slog.String(trace.State, string(settled.State)))
	}
	ended(span, err)
	return settled, err
}

type followedSender struct {
	dispatch.Sender
	tracer *trace.Tracer
}

// Send follows the call. Its address is told without the query, which holds the
// access_token.
func (f followedSender) Send(ctx context.Context, m *message.Message, token, clientMsgID string) message.Answer {
	p := passageOf(ctx)
	ctx, span := f.tracer.Start(ctx, "send", trace.Client, append(trace.Of(m), slog.String("http.request.method", "POST"),
		slog.String("url.path", m.Kind.Path()), slog.Int("wxdispatch.attempt", p.attempt))...)
	defer span.End()
	answer := f.Sender.Send(ctx, m, token, clientMsgID)
	span.Set(slog.String(trace.Class, string(answer.Class)), slog.Int("wxdispatch.errcode", answer.Code), slog.String("wxdispatch.rid", answer.RID))
	if answer.Class != fault.OK && answer.Class != fault.Duplicate {
		span.Fail(string(answer.Class))
	}
	if trace.Kept(ctx) {
		p.call = trace.Parent(ctx)
	}
	return answer
}

// ended ends the span of a step, with the class of what went wrong.
func ended(span trace.Span, err error) {
	if err != nil {
		span.Fail(string(fault.ClassOf(err)))
	}
	span.End()
}
