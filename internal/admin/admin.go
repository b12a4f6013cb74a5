// Package admin is the worker's own pages: overview, queues, health, metrics.
//
// Its promise: /healthz and /readyz answer everyone, everything else only those
// who know the credentials, where any are set; a page of another site can
// neither frame these pages nor press their buttons; a panic in one request
// ends that request alone. The pages load nothing from other hosts.
//
// It shows what its callers tell it and knows neither Redis nor asynq. What
// "ready" means, what the lanes do and what waits in them is told by whoever
// assembles the worker.
package admin

import (
	"log/slog"
	"net/http"
	"sync/atomic"
)

// Options say what is shown, and to whom.
type Options struct {
	Version   string       // of the program, as shown
	Overview  Overviewer   // for /
	Readiness Readiness    // for /readyz
	Queues    http.Handler // for /queues/ (its root path is /queues); nil: there are none
	Metrics   http.Handler // for /metrics; nil: there are none

	User         string // of basic authentication; empty: everyone may look
	Password     string
	MetricsToken string // bearer token that opens /metrics and nothing else; empty: none
	ReadWrite    bool   // the queues may be changed from the page
	Log          *slog.Logger
}

// Handler serves the pages. It may be used by many goroutines at once.
type Handler struct {
	o        Options
	log      *slog.Logger
	draining atomic.Bool
	served   http.Handler
}

// New makes the pages. It starts nothing.
func New(o Options) *Handler {
	h := &Handler{o: o, log: o.Log}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	h.served = h.logged(h.recovered(secured(h.routes())))
	return h
}

// routes is every page there is. The mux answers 405 to other methods.
func (h *Handler) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", healthz)
	mux.HandleFunc("GET /readyz", h.readyz)
	mux.Handle("GET /{$}", h.guarded(http.HandlerFunc(h.overview)))
	mux.Handle("GET /style.css", h.guarded(http.HandlerFunc(style)))
	if h.o.Metrics != nil {
		mux.Handle("GET /metrics", h.guardedMetrics(h.o.Metrics))
	}
	if h.o.Queues != nil {
		mux.Handle("/queues/", h.guarded(h.queues()))
	}
	return mux
}

// ServeHTTP serves a page.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.served.ServeHTTP(w, r) }

// Drain makes /readyz answer 503 from now on. Everything else is still served.
func (h *Handler) Drain() { h.draining.Store(true) }
