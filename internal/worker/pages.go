package worker

import (
	"context"
	"runtime/debug"
	"time"

	"wxdispatch/internal/admin"
	"wxdispatch/internal/config"
	"wxdispatch/internal/listen"
	"wxdispatch/internal/operator"
	"wxdispatch/internal/store"
	"wxdispatch/internal/tasks"
)

// pagesTimeout bounds how long pages that are being served are waited for.
const pagesTimeout = 2 * time.Second

// pages are the worker's admin pages and what they show.
type pages struct {
	handler *admin.Handler
	server  *listen.Server
}

func newPages(w *Worker) *pages {
	cfg := w.config().Worker
	readWrite := cfg.UI == config.ReadWrite
	d := newDesk(w, w.config())
	queue := queues{&w.fleet, tasks.NewQueue(w.redis), d.Book}
	for _, a := range w.fleet.all() {
		w.metrics.Account(a.name, a.cfg.Type.Kinds(), a.cfg.Rate)
	}
	w.metrics.WatchQueues(queue)
	w.metrics.WatchTokens(&w.fleet)
	w.metrics.WatchParks(w.laneFigures)
	w.metrics.WatchTemplates(w.parkedTemplates)
	w.metrics.WatchEviction(func(ctx context.Context) (bool, error) { return store.NoEviction(ctx, w.redis) })
	handler := admin.New(admin.Options{
		Version:   version(),
		Overview:  overview{w, d},
		Messages:  records{d.Lookup, d.Finder},
		Ends:      ends{d.Ends, d.Deeds},
		Doubts:    d.Doubts,
		Batches:   turns{d.Batches, d.Deeds},
		Permits:   d.Permits,
		Operator:  operator.Hands{Operator: d.Operator},
		Readiness: w,
		Queues:    newWebUI(w.redis, !readWrite),
		Metrics:   w.metrics.Handler(),
		User:      cfg.User, Password: cfg.Password.Reveal(), MetricsToken: cfg.MetricsToken.Reveal(),
		ReadWrite: readWrite,
		Log:       w.log,
	})
	return &pages{handler: handler, server: listen.New(listen.Options{
		Key: "worker.listen", Sibling: "another worker", Handler: handler, Log: w.log,
	})}
}

func (p *pages) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), pagesTimeout)
	defer cancel()
	return p.server.Shutdown(ctx)
}

// version is the program's own, as the build knows it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
