package worker

import (
	"context"
	"time"

	"wxdispatch/internal/dispatch"
	"wxdispatch/internal/trace"
)

// followedPace tells how long messages wait for slots.
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
