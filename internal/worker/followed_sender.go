package worker

import (
	"context"
	"log/slog"

	"wxdispatch/internal/dispatch"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/trace"
)

// followedSender tells of the calls to WeChat.
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
