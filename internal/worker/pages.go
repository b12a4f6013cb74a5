package worker

import (
	"context"
	"errors"
	"runtime/debug"
	"time"

	"wxdispatch/internal/admin"
	"wxdispatch/internal/config"
	"wxdispatch/internal/listen"
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
	cfg := w.cfg.Worker
	readWrite := cfg.UI == config.ReadWrite
	queue := tasks.NewQueue(w.redis)
	for _, a := range w.accounts {
		w.metrics.Account(a.name, w.cfg.Accounts[a.name].Type.Kinds(), w.cfg.Accounts[a.name].Rate)
	}
	w.metrics.WatchQueues(queue)
	handler := admin.New(admin.Options{
		Version:   version(),
		Overview:  overview{w, queue},
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

// overview tells the first page what the worker does.
type overview struct {
	worker *Worker
	queue  *tasks.Queue
}

// Overview returns the accounts as they stand; lanes whose queue could not be
// looked at lack their backlog.
func (o overview) Overview(ctx context.Context) ([]admin.Account, error) {
	var accounts []admin.Account
	var errs []error
	for _, a := range o.worker.accounts {
		cfg := o.worker.cfg.Accounts[a.name]
		shown := admin.Account{Name: a.name, Type: cfg.Type, Rate: cfg.Rate}
		for _, l := range a.lanes {
			if ctx.Err() != nil {
				return accounts, errors.Join(append(errs, ctx.Err())...)
			}
			row := admin.Lane{Kind: l.Kind(), Queue: l.Queue(), State: admin.Running}
			if err := l.Healthy(); err != nil {
				row.State, row.Reason = admin.Failing, "Redis does not answer"
			}
			states, oldest, err := o.queue.Backlog(ctx, a.name, l.Kind())
			if err != nil {
				errs = append(errs, err)
			} else {
				row.Backlog = admin.Backlog{Known: true, Pending: states["pending"], Scheduled: states["scheduled"],
					Active: states["active"], Waiting: states["waiting"], Archived: states["archived"], Oldest: oldest}
			}
			shown.Lanes = append(shown.Lanes, row)
		}
		accounts = append(accounts, shown)
	}
	return accounts, errors.Join(errs...)
}
