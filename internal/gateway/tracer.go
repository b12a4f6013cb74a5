package gateway

import (
	"context"
	"log/slog"
	"time"

	"wxdispatch/internal/access"
	"wxdispatch/internal/config"
	"wxdispatch/internal/trace"
)

// flushTime is how long the last spans may take to the collector.
const flushTime = 2 * time.Second

// openTracer opens what follows requests, nil where traces are off.
func openTracer(cfg config.Traces, log *slog.Logger) (*trace.Tracer, error) {
	return access.NewTracer(cfg, "wxdispatch-serve", func(err error) {
		log.Warn("spans were lost: the collector does not take them", slog.Any("error", err))
	})
}

// closeTracer hands over the last spans. That they are lost is told, and no
// reason to fail.
func (g *Gateway) closeTracer() {
	if g.tracer == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushTime)
	defer cancel()
	if err := g.tracer.Close(ctx); err != nil {
		g.log.Warn("the last spans were lost", slog.Any("error", err))
	}
}
