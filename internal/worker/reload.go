package worker

import (
	"context"
	"log/slog"
	"maps"
	"reflect"
	"slices"

	"wxdispatch/internal/access"
	"wxdispatch/internal/config"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/registry"
)

// Apply takes over another configuration while the worker runs: accounts that
// are new start, those that are gone end what runs, those that changed do both.
// The others are not touched. On an error nothing has changed. What needs a
// restart is said in the log.
func (w *Worker) Apply(ctx context.Context, cfg *config.Config) error {
	if err := cfg.CheckWorker(); err != nil {
		return err
	}
	w.applying.Lock()
	defer w.applying.Unlock()
	if w.life.Err() != nil {
		return &fault.Error{Op: "worker.apply", Class: fault.Unavailable, Message: "the worker is shutting down"}
	}
	g := w.ground(cfg)
	made, err := w.remake(g)
	if err != nil {
		return err
	}
	if err := registry.New(w.redis).Publish(ctx, access.Accounts(cfg)); err != nil {
		return err
	}
	before := w.config()
	w.cfg.Store(cfg)
	if idle := restarts(before, cfg); len(idle) > 0 {
		w.log.Warn("these keys changed and take effect at the next start", slog.Any("keys", idle))
	}
	w.exchange(ctx, made)
	return nil
}

// remake makes the accounts that are new or changed; it starts none.
func (w *Worker) remake(g ground) (map[string]*account, error) {
	made := map[string]*account{}
	for _, name := range slices.Sorted(maps.Keys(g.cfg.Accounts)) {
		old := w.fleet.find(name)
		if old != nil && !old.remade(g) {
			continue
		}
		a, err := newAccount(name, g.cfg.Accounts[name], g)
		if err != nil {
			for _, other := range made {
				other.close()
			}
			return nil, &fault.Error{Op: "worker.apply", Class: fault.Invalid, Message: "account " + name, Err: err}
		}
		made[name] = a
	}
	return made, nil
}

// exchange puts the accounts that were made in the place of those before, and
// tells the others their quotas and their pace.
func (w *Worker) exchange(ctx context.Context, made map[string]*account) {
	cfg := w.config()
	for _, old := range w.fleet.all() {
		now, stays := cfg.Accounts[old.name]
		switch {
		case !stays:
			w.fleet.put(old.name, nil)
			w.log.Info("account removed", slog.String("account", old.name))
		case made[old.name] == nil:
			old.keeper.SetQuotas(now.DailyQuota)
			old.pacer.SetLimits(now.Rate, now.Burst, now.Concurrency)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(made)) {
		a, old := made[name], w.fleet.find(name)
		w.metrics.Account(name, a.cfg.Type.Kinds(), a.cfg.Rate)
		w.fleet.put(name, a)
		if err := a.start(); err != nil {
			w.log.Warn("account starts as soon as Redis answers", slog.String("account", name), slog.Any("error", err))
		}
		if old != nil && !sameSecret(old.cfg, a.cfg) {
			if _, err := w.book.TryNow(ctx, name, "account", ledger.Token); err != nil {
				w.log.Warn("whether a park is over could not be tried at once", slog.String("account", name), slog.Any("error", err))
			}
		}
		w.log.Info("account set up", slog.String("account", name), slog.Bool("changed", old != nil))
	}
}

// remade tells whether what changed needs the account to be made anew: all but
// its quotas and its pace.
func (a *account) remade(g ground) bool {
	now, before := g.cfg.Accounts[a.name], a.cfg
	now.DailyQuota, before.DailyQuota = nil, nil
	now.Rate, now.Burst = before.Rate, before.Burst
	of := func(c *config.Config) any { return []any{c.Retry, c.Park, c.Message} }
	return !reflect.DeepEqual(now, before) || !reflect.DeepEqual(of(g.cfg), of(a.ground.cfg))
}

func sameSecret(a, b config.Account) bool {
	return a.AppID == b.AppID && a.Secret == b.Secret && a.Token == b.Token && a.TokenSource == b.TokenSource
}

// restarts are the keys that differ and are read at the start only.
func restarts(a, b *config.Config) (keys []string) {
	for key, same := range map[string]bool{
		"redis": reflect.DeepEqual(a.Redis, b.Redis), "worker": a.Worker == b.Worker, "log": a.Log == b.Log, "traces": a.Traces == b.Traces,
	} {
		if !same {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}
