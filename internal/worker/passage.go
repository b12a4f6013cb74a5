package worker

import "context"

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
