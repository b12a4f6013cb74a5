package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"wxdispatch/internal/gateway"
)

// serving is enqueue serve, as that command runs it.
type serving struct {
	gateway *gateway.Gateway
	profile *profile
}

// addresses is where it serves.
type addresses struct {
	API    string `json:"api"`
	Pushes string `json:"pushes"`
}

func newServing(text []byte, log io.Writer) (part, error) {
	order, cfg, err := configured(text)
	if err != nil {
		return nil, err
	}
	s := &serving{}
	if s.gateway, err = gateway.New(cfg, slog.New(slog.NewJSONHandler(log, nil))); err != nil {
		return nil, err
	}
	if s.profile, err = startProfile(order.Profile); err != nil {
		return nil, errors.Join(err, s.gateway.Stop())
	}
	return s, s.gateway.Start(context.Background())
}

func (s *serving) answer(question string) (any, error) {
	if question == "urls" {
		return addresses{s.gateway.URL(), s.gateway.PushURL()}, nil
	}
	return nil, fmt.Errorf("%q is no question that serve answers", question)
}

func (s *serving) stop() error { return errors.Join(s.profile.stop(), s.gateway.Stop()) }
