package access

import (
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
