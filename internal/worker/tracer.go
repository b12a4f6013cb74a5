package worker

import (
	"time"

	"wxdispatch/internal/access"
	"wxdispatch/internal/trace"
)

// flushTime is how long the last spans may take to the collector: what is left
// of shutdown_timeout once nothing writes any more.
const flushTime = 800 * time.Millisecond

// openTracer opens what follows messages, where the configuration wants that,
// and has the log name their traces.
func (w *Worker) openTracer() error {
	t, end, err := access.Follow(w.config().Traces, "wxdispatch-worker", flushTime, w.log)
	if t == nil {
		return err
	}
	w.tracer, w.log = t, trace.Logs(w.log)
	w.stops.add("traces", func() error { end(); return nil })
	return nil
}
