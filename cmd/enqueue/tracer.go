package main

import (
	"context"
	"time"

	"wxdispatch"
	"wxdispatch/internal/access"
	"wxdispatch/internal/bulk"
	"wxdispatch/internal/config"
	"wxdispatch/internal/gateway"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/message"
	"wxdispatch/internal/trace"
)

// flushTime is how long a command waits at its end for the collector.
const flushTime = 2 * time.Second

// openTracer opens what follows messages, nil where traces are off.
func (p *program) openTracer(cfg config.Traces) (*trace.Tracer, error) {
	return access.NewTracer(cfg, "wxdispatch-enqueue", func(err error) {
		p.tell("spans were lost: the collector does not take them: %v", err)
	})
}

// closeTracer hands over the last spans.
func (d *desk) closeTracer() {
	if d.tracer == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushTime)
	defer cancel()
	_ = d.tracer.Close(ctx) // what is lost is no reason to fail
}

// taker is where many messages are handed over.
func (d *desk) taker() bulk.Taker {
	if d.tracer == nil {
		return &d.office.Intake
	}
	return gateway.FollowedMany{TakerOfMany: &d.office.Intake, Tracer: d.tracer}
}

// sending is the client as what takes one message.
type sending struct{ *wxdispatch.Client }

// Take hands it over.
func (s sending) Take(ctx context.Context, m *message.Message) (intake.Result, error) {
	return s.Send(ctx, m)
}
