// Package worker assembles a worker: the accounts of its configuration, a lane
// for each kind they send, and the admin pages.
//
// Its promise: Start brings everything up or nothing, Stop takes it down in
// reverse order within shutdown_timeout: nothing new is taken, no call is
// started, and what runs is brought to its end. One account's trouble is
// nobody else's. Signals, flags and exit codes are for cmd/worker.
package worker

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/config"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/metrics"
	"wxdispatch/internal/registry"
	"wxdispatch/internal/store"
)

// Worker is a worker, running or not yet.
type Worker struct {
	cfg      *config.Config
	log      *slog.Logger
	redis    redis.UniversalClient
	metrics  *metrics.Metrics
	accounts []*account
	pages    *pages
	stops    stops
	dying    chan struct{}
}

// New opens Redis and assembles the worker; the configuration must have passed
// CheckWorker. On an error nothing is left open.
func New(cfg *config.Config, log *slog.Logger) (*Worker, error) {
	w := &Worker{cfg: cfg, log: log, metrics: metrics.New(), dying: make(chan struct{}), stops: stops{log: log}}
	if err := w.assemble(); err != nil {
		_ = w.stops.all()
		return nil, err
	}
	return w, nil
}

func (w *Worker) assemble() (err error) {
	if w.redis, err = openRedis(w.cfg, w.log, &w.stops); err != nil {
		return err
	}
	if idle := w.cfg.NotYet(); len(idle) > 0 {
		w.log.Warn("these keys are set and have no effect in this version", slog.Any("keys", idle))
	}
	g := ground{cfg: w.cfg, redis: w.redis, watch: w.metrics, rate: w.metrics.Rate, book: newBook(w), dying: w.dying, log: w.log}
	for _, name := range slices.Sorted(maps.Keys(w.cfg.Accounts)) {
		a, err := newAccount(name, w.cfg.Accounts[name], g)
		if err != nil {
			return &fault.Error{Op: "worker.new", Class: fault.Invalid, Message: "account " + name, Err: err}
		}
		w.stops.add("account "+name, a.close)
		w.accounts = append(w.accounts, a)
	}
	w.pages = newPages(w)
	return nil
}

func newBook(w *Worker) *ledger.Ledger {
	return ledger.New(w.redis, ledger.Counting(w.metrics.Permit), ledger.Durably(store.Replicated(w.redis, w.cfg.Redis.WaitReplicas)))
}

// Start announces the accounts, opens the admin pages and starts every lane.
// On an error everything is stopped again.
func (w *Worker) Start(ctx context.Context) error {
	if err := w.start(ctx); err != nil {
		_ = w.Stop()
		return err
	}
	w.log.Info("worker runs", slog.Int("accounts", len(w.accounts)), slog.String("pages", w.URL()))
	return nil
}

func (w *Worker) start(ctx context.Context) error {
	if err := registry.New(w.redis).Publish(ctx, w.announcements()); err != nil {
		return err
	}
	if err := w.pages.server.Start(w.cfg.Worker.Listen); err != nil {
		return err
	}
	w.stops.add("pages", w.pages.stop)
	w.stops.add("lanes", w.stopLanes)
	for _, a := range w.accounts {
		if err := a.start(); err != nil {
			return err
		}
	}
	return nil
}

func (w *Worker) announcements() []registry.Account {
	var list []registry.Account
	for _, a := range w.accounts {
		cfg := w.cfg.Accounts[a.name]
		list = append(list, registry.Account{Name: a.name, Type: cfg.Type, AppID: cfg.AppID, Enforce: cfg.Consents == config.Enforce, LongTerm: cfg.LongTerm})
	}
	return list
}

// Stop ends the worker in reverse order of its start. It returns within
// shutdown_timeout.
func (w *Worker) Stop() error {
	w.pages.handler.Drain()
	end := time.AfterFunc(w.cfg.Worker.ShutdownTimeout-endMargin, func() { close(w.dying) })
	defer end.Stop()
	err := w.stops.all()
	w.log.Info("worker has ended")
	return err
}

// stopLanes drains all lanes before it waits for any, so that no lane goes on
// while another one ends.
func (w *Worker) stopLanes() error {
	var all sync.WaitGroup
	for _, a := range w.accounts {
		for _, l := range a.lanes {
			l.Drain()
		}
	}
	for _, a := range w.accounts {
		all.Go(a.sweeper.Stop)
		for _, l := range a.lanes {
			all.Go(l.Stop)
		}
	}
	all.Wait()
	return nil
}

// Redis is the client that the worker works on; it is closed by Stop.
func (w *Worker) Redis() redis.UniversalClient { return w.redis }

// URL is where the admin pages are served, without a slash at its end.
func (w *Worker) URL() string { return w.pages.server.URL() }

// Ready is nil while Redis answers and every lane runs.
func (w *Worker) Ready(ctx context.Context) error {
	if err := w.redis.Ping(ctx).Err(); err != nil {
		return &fault.Error{Op: "worker.ready", Class: fault.Unavailable, Message: "Redis does not answer", Err: err}
	}
	for _, a := range w.accounts {
		for _, l := range a.lanes {
			if err := l.Healthy(); err != nil {
				return &fault.Error{Op: "worker.ready", Class: fault.Unavailable, Message: "lane " + l.Queue(), Err: err}
			}
		}
	}
	return nil
}
