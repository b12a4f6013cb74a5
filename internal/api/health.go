package api

import (
	"context"
	"errors"

	"wxdispatch/internal/fault"
)

// Health is the answer of /healthz and /readyz when all is well.
type Health struct {
	Status string `json:"status"`
}

// healthy says that the process answers, and nothing more.
func healthy(*call) (answer, error) { return ok(Health{"ok"}), nil }

// ready says whether calls should be sent here.
func (a *API) ready(c *call) (answer, error) {
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	if err := a.Ready(ctx); err != nil {
		return answer{}, notReady(err)
	}
	return ok(Health{"ok"}), nil
}

// notReady makes every reason one that a load balancer understands.
func notReady(err error) error {
	var f *fault.Error
	if errors.As(err, &f) && f.Class == fault.Unavailable {
		return err
	}
	return &fault.Error{Op: "api.ready", Class: fault.Unavailable, Message: "not ready", Err: err}
}
