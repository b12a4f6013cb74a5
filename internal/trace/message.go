package trace

import (
	"context"
	"log/slog"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// What spans tell of messages.
const (
	Account   = "wxdispatch.account"
	MessageID = "wxdispatch.id"
	KindKey   = "wxdispatch.kind"
	Batch     = "wxdispatch.batch"
	State     = "wxdispatch.state"
	Class     = "wxdispatch.class" // of what went wrong, or of WeChat's answer
)

// Of is what a span tells of a message: never whom it is for, nor what it says.
func Of(m *message.Message) []slog.Attr {
	attrs := make([]slog.Attr, 0, 4)
	attrs = append(attrs, slog.String(Account, m.Account), slog.String(KindKey, string(m.Kind)), slog.String(MessageID, m.ID))
	if m.Batch != "" {
		attrs = append(attrs, slog.String(Batch, m.Batch))
	}
	return attrs
}

// Hand opens the span of a message that is handed over, which the message
// carries on into the queue.
func (t *Tracer) Hand(ctx context.Context, m *message.Message) (context.Context, Span) {
	ctx, span := t.Start(ctx, "enqueue", Producer, Of(m)...)
	m.Trace = Parent(ctx)
	return ctx, span
}

// HandMany opens a span for each of many messages. Each begins a trace of its
// own, which points to the span of ctx: one trace of a million messages would
// be of no use to anyone.
func (t *Tracer) HandMany(ctx context.Context, messages []*message.Message) []Span {
	spans := make([]Span, len(messages))
	for i, m := range messages {
		own, span := t.startAlone(ctx, "enqueue", Producer, Of(m)...)
		spans[i], m.Trace = span, Parent(own)
	}
	return spans
}

// Taken ends the span of a message that was handed over, under the id that it
// has now.
func (s Span) Taken(id string, state message.State, duplicate bool, err error) {
	s.Set(slog.String(MessageID, id))
	if err != nil {
		class := string(fault.ClassOf(err))
		s.Set(slog.String(Class, class))
		s.Fail(class)
	} else {
		s.Set(slog.String(State, string(state)), slog.Bool("wxdispatch.duplicate", duplicate))
	}
	s.End()
}
