package worker

import (
	"context"
	"log/slog"
	"time"

	"wxdispatch/internal/access"
	"wxdispatch/internal/trace"
)

// flushTime is how long the last spans may take to the collector: what is left
// of shutdown_timeout once nothing writes any more.
const flushTime = 800 * time.Millisecond

// openTracer opens what follows messages, where the configuration wants that,
// and has the log name their traces.
func (w *Worker) openTracer() (err error) {
	log := w.log
	w.tracer, err = access.NewTracer(w.config().Traces, "wxdispatch-worker", func(err error) {
		log.Warn("spans were lost: the collector does not take them", slog.Any("error", err))
	})
	if w.tracer == nil {
		return err
	}
	w.log = trace.Logs(log)
	w.stops.add("traces", func() error {
		ctx, cancel := context.WithTimeout(context.Background(), flushTime)
		defer cancel()
		if err := w.tracer.Close(ctx); err != nil {
			log.Warn("the last spans were lost", slog.Any("error", err)) // no reason to fail
		}
		return nil
	})
	return nil
}
