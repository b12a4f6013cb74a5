package admin

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"wxdispatch/internal/fault"
)

// readyLimit is the longest that readiness may be looked into.
const readyLimit = 2 * time.Second

// Readiness tells whether the worker can do its work.
type Readiness interface {
	// Ready returns nil, or why not; it ends with ctx. Of a *fault.Error only
	// Message is shown, for anyone may ask: no address, no cause.
	Ready(ctx context.Context) error
}

// healthz says that the process serves, whatever else is the matter.
func healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "ok\n")
}

// readyz says whether the worker works, and why not.
func (h *Handler) readyz(w http.ResponseWriter, r *http.Request) {
	words := h.unready(r.Context())
	status := http.StatusOK
	if words != "" {
		status = http.StatusServiceUnavailable
	}
	w.Header().Set("Vary", "Accept")
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(readiness{Ready: words == "", Reason: words})
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	if words == "" {
		words = "ready"
	}
	_, _ = io.WriteString(w, words+"\n")
}

type readiness struct {
	Ready  bool   `json:"ready"`
	Reason string `json:"reason,omitempty"`
}

// unready says why the worker is not ready, or "".
func (h *Handler) unready(ctx context.Context) string {
	if h.draining.Load() {
		return "the worker is shutting down"
	}
	if h.o.Readiness == nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	err := h.o.Readiness.Ready(ctx)
	if err == nil {
		return ""
	}
	h.log.Debug("not ready", slog.Any("error", err))
	var known *fault.Error
	if errors.As(err, &known) && known.Message != "" {
		return "not ready: " + known.Message
	}
	return "not ready; the worker's log tells why"
}
