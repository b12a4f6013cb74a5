package worker

import (
	"context"
	"log/slog"

	"wxdispatch/internal/dispatch"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/trace"
)

// followedLedger tells of a message's two steps in the ledger.
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
