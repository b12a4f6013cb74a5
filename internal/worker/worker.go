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
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/access"
	"wxdispatch/internal/config"
	"wxdispatch/internal/dispatch"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/metrics"
	"wxdispatch/internal/registry"
	"wxdispatch/internal/store"
	"wxdispatch/internal/trace"
)

// Worker is a worker, running or not yet.
type Worker struct {
	cfg      atomic.Pointer[config.Config]
	log      *slog.Logger
	host     string
	redis    redis.UniversalClient
	book     *ledger.Ledger
	metrics  *metrics.Metrics
	tracer   *trace.Tracer // nil: traces are off
	fleet    fleet
	applying sync.Mutex // one configuration at a time
	pages    *pages
	stops    stops
	life     context.Context // ends when Stop begins
	end      context.CancelFunc
	dying    chan struct{}

	unwritten dispatch.Unwritten
}

// New opens Redis and assembles the worker; the configuration must have passed
// CheckWorker. On an error nothing is left open.
func New(cfg *config.Config, log *slog.Logger) (*Worker, error) {
	w := &Worker{log: log, metrics: metrics.New(), dying: make(chan struct{}), stops: stops{log: log}}
	w.cfg.Store(cfg)
	w.fleet.accounts = map[string]*account{}
	w.life, w.end = context.WithCancel(context.Background())
	w.host, _ = os.Hostname()
	if err := w.assemble(); err != nil {
		_ = w.stops.all()
		return nil, err
	}
	return w, nil
}

func (w *Worker) assemble() (err error) {
	cfg := w.config()
	if err := w.openTracer(); err != nil {
		return err
	}
	if w.redis, err = openRedis(cfg, w.log, &w.stops); err != nil {
		return err
	}
	w.book = newBook(w)
	made, err := w.remake(w.ground(cfg))
	if err != nil {
		return err
	}
	w.fleet.accounts = made
	w.stops.add("accounts", w.fleet.close)
	w.pages = newPages(w)
	return nil
}

func newBook(w *Worker) *ledger.Ledger {
	return ledger.New(w.redis, ledger.Counting(w.metrics.Permit), ledger.Host(w.host),
		ledger.Durably(store.Replicated(w.redis, w.config().Redis.WaitReplicas)))
}

func (w *Worker) config() *config.Config { return w.cfg.Load() }

func (w *Worker) ground(cfg *config.Config) ground {
	return ground{cfg: cfg, host: w.host, redis: w.redis, watch: w.metrics, metrics: w.metrics, book: w.book, tracer: w.tracer, dying: w.dying, unwritten: &w.unwritten, log: w.log}
}

// Start announces the accounts, opens the admin pages and starts every lane.
// On an error everything is stopped again.
func (w *Worker) Start(ctx context.Context) error {
	if err := w.start(ctx); err != nil {
		_ = w.Stop()
		return err
	}
	w.log.Info("worker runs", slog.Int("accounts", len(w.fleet.all())), slog.String("pages", w.URL()))
	return nil
}

func (w *Worker) start(ctx context.Context) error {
	if err := registry.New(w.redis).Publish(ctx, access.Accounts(w.config())); err != nil {
		return err
	}
	if err := w.pages.server.Start(w.config().Worker.Listen); err != nil {
		return err
	}
	w.stops.add("pages", w.pages.stop)
	w.stops.add("lanes", w.fleet.stop)
	for _, a := range w.fleet.all() {
		if err := a.start(); err != nil {
			return err
		}
	}
	w.stops.add("ears", w.hear().stop)
	return nil
}

// Stop ends the worker in reverse order of its start. It returns within
// shutdown_timeout.
func (w *Worker) Stop() error {
	w.end()
	w.pages.handler.Drain()
	w.applying.Lock() // what is being applied is whole, and nothing more comes
	defer w.applying.Unlock()
	end := time.AfterFunc(w.config().Worker.ShutdownTimeout-endMargin, func() { close(w.dying) })
	defer end.Stop()
	err := w.stops.all()
	w.log.Info("worker has ended")
	return err
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
	for _, a := range w.fleet.all() {
		for _, l := range a.lanes {
			if err := l.Healthy(); err != nil {
				return &fault.Error{Op: "worker.ready", Class: fault.Unavailable, Message: "lane " + l.Queue(), Err: err}
			}
		}
	}
	return nil
}
