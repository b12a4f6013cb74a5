package trace

import (
	"context"
	"sync"
	"time"

	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// toldAgain is how often it is said that spans are lost.
const toldAgain = time.Minute

// outlet hands spans to the collector, and keeps what goes wrong from the
// library, which would tell it on standard error in words of its own.
type outlet struct {
	sdk.SpanExporter
	failed func(error)

	mu   sync.Mutex
	last time.Time
}

// ExportSpans never fails; spans that nobody takes are lost.
func (o *outlet) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	if err := o.SpanExporter.ExportSpans(ctx, spans); err != nil {
		o.tell(err)
	}
	return nil
}

func (o *outlet) tell(err error) {
	o.mu.Lock()
	now := time.Now()
	due := o.failed != nil && now.Sub(o.last) >= toldAgain
	if due {
		o.last = now
	}
	o.mu.Unlock()
	if due {
		o.failed(err)
	}
}
