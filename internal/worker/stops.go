package worker

import (
	"errors"
	"log/slog"
)

// stops is everything that was started, to be stopped in reverse order.
type stops struct {
	steps []stop
	log   *slog.Logger
}

type stop struct {
	name string
	do   func() error
}

func (s *stops) add(name string, do func() error) { s.steps = append(s.steps, stop{name, do}) }

// all stops everything, whatever fails on the way, and joins the errors.
func (s *stops) all() error {
	var errs []error
	for i := len(s.steps) - 1; i >= 0; i-- {
		step := s.steps[i]
		s.log.Debug("stopping", slog.String("part", step.name))
		if err := step.do(); err != nil {
			errs = append(errs, errors.New("stop "+step.name+": "+err.Error()))
		}
	}
	s.steps = nil
	return errors.Join(errs...)
}
