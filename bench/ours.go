package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"wxdispatch/internal/worker"
)

// ours is wxdispatch's worker, as cmd/worker runs it.
type ours struct {
	worker  *worker.Worker
	counter *counter
	profile *profile
}

func newOurs(text []byte, log io.Writer) (part, error) {
	order, cfg, err := configured(text)
	if err != nil {
		return nil, err
	}
	if err := cfg.CheckWorker(); err != nil {
		return nil, err
	}
	w, err := worker.New(cfg, slog.New(slog.NewJSONHandler(log, nil)))
	if err != nil {
		return nil, err
	}
	o := &ours{worker: w, counter: newCounter()}
	w.Redis().AddHook(o.counter)
	if o.profile, err = startProfile(order.Profile); err != nil {
		return nil, errors.Join(err, w.Stop())
	}
	return o, w.Start(context.Background())
}

func (o *ours) answer(question string) (any, error) {
	switch question {
	case "counts":
		return o.counter.counts(), nil
	case "url":
		return o.worker.URL(), nil
	}
	return nil, fmt.Errorf("%q is no question that a worker answers", question)
}

func (o *ours) stop() error { return errors.Join(o.profile.stop(), o.worker.Stop()) }
