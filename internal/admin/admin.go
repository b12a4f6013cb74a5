// Package admin is the worker's own pages: overview, messages, bad ends,
// batches, permits, queues, health, metrics.
//
// Its promise: /healthz and /readyz answer everyone, everything else only those
// who know the credentials, where any are set; nothing is changed by looking,
// and nothing at all unless ReadWrite; a page of another site can neither frame
// these pages nor press their buttons; who changed something is told; a panic in
// one request ends that request alone. The pages load nothing from other hosts.
//
// It shows what its callers tell it and knows neither Redis nor asynq. What
// "ready" means, what the lanes do and what waits in them is told by whoever
// assembles the worker.
package admin

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
)

// Options say what is shown, and to whom.
type Options struct {
	Version   string       // of the program, as shown
	Overview  Overviewer   // for /
	Messages  Messages     // for /message and /find; each of these may be nil: then there is no such page
	Ends      Ends         // for /failed
	Doubts    Doubts       // for the buttons that end doubts, beside Messages and Ends
	Batches   Batches      // for /batch
	Permits   Permits      // for /permits
	Operator  Operator     // for the buttons that park and unpark
	Readiness Readiness    // for /readyz
	Queues    http.Handler // for /queues/ (its root path is /queues); nil: there are none
	Metrics   http.Handler // for /metrics; nil: there are none

	User         string // of basic authentication; empty: everyone may look
	Password     string
	MetricsToken string // bearer token that opens /metrics and nothing else; empty: none
	ReadWrite    bool   // the queues, and the accounts, may be changed from the pages
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
	h.shown(mux)
	h.changed(mux)
	if h.o.Metrics != nil {
		mux.Handle("GET /metrics", h.guardedMetrics(h.o.Metrics))
	}
	if h.o.Queues != nil {
		mux.Handle("/queues/", h.guarded(h.queues()))
	}
	return mux
}

// shown are the pages of our own that are looked at.
func (h *Handler) shown(mux *http.ServeMux) {
	mux.Handle("GET /{$}", h.guarded(http.HandlerFunc(h.overview)))
	mux.Handle("GET /style.css", h.guarded(http.HandlerFunc(style)))
	mux.Handle("GET /page.js", h.guarded(http.HandlerFunc(script)))
	if h.o.Messages != nil {
		mux.Handle("GET /message", h.guarded(h.look(h.message)))
		mux.Handle("GET /find", h.guarded(h.look(h.find)))
	}
	if h.o.Permits != nil {
		mux.Handle("GET /permits", h.guarded(h.look(h.permits)))
	}
	if h.o.Ends != nil {
		mux.Handle("GET /failed", h.guarded(h.look(h.failed)))
	}
	if h.o.Batches != nil {
		mux.Handle("GET /batch", h.guarded(h.look(h.batch)))
	}
}

// changed are the forms that change something.
func (h *Handler) changed(mux *http.ServeMux) {
	if h.o.Operator != nil {
		mux.Handle("POST /park", h.guarded(h.change(h.park, "account", "kind", "reason", "for")))
		mux.Handle("POST /unpark", h.guarded(h.change(h.unpark, "account", "kind")))
	}
	if h.o.Ends != nil {
		mux.Handle("POST /replay", h.guarded(h.acting(h.replay, pickedFields...)))
	}
	if h.o.Doubts != nil {
		mux.Handle("POST /resolve", h.guarded(h.acting(h.resolve, resolveFields...)))
	}
	if h.o.Batches != nil {
		mux.Handle("POST /batch", h.guarded(h.change(h.turnBatch, "account", "name", "do")))
	}
}

// look serves a page that something is looked up for.
func (h *Handler) look(show func(w http.ResponseWriter, r *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), lookLimit)
		defer cancel()
		if err := show(w, r.WithContext(ctx)); err != nil {
			h.trouble(w, r, err)
		}
	}
}

// ServeHTTP serves a page.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.served.ServeHTTP(w, r) }

// Drain makes /readyz answer 503 from now on. Everything else is still served.
func (h *Handler) Drain() { h.draining.Store(true) }
