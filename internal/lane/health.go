package lane

import (
	"sync/atomic"

	"wxdispatch/internal/fault"
)

// health is the last that the lane's server heard of Redis.
type health struct{ last atomic.Pointer[error] }

func (h *health) set(err error) { h.last.Store(&err) }

func (h *health) get() error {
	last := h.last.Load()
	if last == nil {
		return notRunning()
	}
	return *last
}

func notRunning() error {
	return &fault.Error{Op: "lane.health", Class: fault.Unavailable, Message: "the lane does not run"}
}
