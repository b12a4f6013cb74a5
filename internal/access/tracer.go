package access

import (
	"context"
	"log/slog"
	"time"

	"wxdispatch/internal/config"
	"wxdispatch/internal/trace"
)

// NewTracer is what opens a program's spans, nil where no endpoint is
// configured. Failed hears now and then why spans were lost. The caller closes
// it last of all. Class Invalid: the endpoint is none.
func NewTracer(cfg config.Traces, service string, failed func(error)) (*trace.Tracer, error) {
	if cfg.Endpoint == "" {
		return nil, nil
	}
	return trace.Open(trace.Options{Endpoint: cfg.Endpoint, Authorization: cfg.Authorization.Reveal(),
		Sample: cfg.Sample, Service: service, Failed: failed})
}

// Follow is NewTracer for a program that stays: what is lost of its spans is told
// in its log, and is no reason to fail. end hands the last ones over, within
// patience at the most, and does nothing where traces are off.
func Follow(cfg config.Traces, service string, patience time.Duration, log *slog.Logger) (t *trace.Tracer, end func(), err error) {
	t, err = NewTracer(cfg, service, func(err error) {
		log.Warn("spans were lost: the collector does not take them", slog.Any("error", err))
	})
	if t == nil {
		return nil, func() {}, err
	}
	return t, func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := t.Close(ctx); err != nil {
			log.Warn("the last spans were lost", slog.Any("error", err))
		}
	}, nil
}
