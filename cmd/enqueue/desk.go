package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/config"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/registry"
	"wxdispatch/internal/store"
	"wxdispatch/internal/tasks"
)

const (
	knock    = 4 * time.Second // how long Redis may take to answer at the start
	patience = 5 * time.Second // and later, for one message
)

// desk is where a command works: the configuration's Redis, with what producers
// need of it. It must be closed.
type desk struct {
	intake    intake.Intake
	lookup    intake.Lookup
	canceller intake.Canceller
	resolver  intake.Resolver
	replayer  intake.Replayer
	finder    intake.Finder
	book      *ledger.Ledger
	redis     redis.UniversalClient
	where     string // the Redis in words
}

// open reads the configuration and asks whether Redis is there. The embedded
// Redis is the worker's; it is dialled like any other.
func (p *program) open(caller context.Context) (*desk, error) {
	cfg, err := config.Load(config.Options{File: p.configFile, Env: p.environ})
	if err != nil {
		return nil, err
	}
	if err := cfg.CheckProducer(); err != nil {
		return nil, err
	}
	client := store.Open(storeOptions(cfg.Redis))
	d := newDesk(client, cfg)
	ctx, cancel := context.WithTimeout(caller, knock)
	defer cancel()
	if err := store.Ping(ctx, client); err != nil {
		d.close()
		return nil, d.away(caller, err)
	}
	return d, nil
}

// newDesk puts together what commands need.
func newDesk(client redis.UniversalClient, cfg *config.Config) *desk {
	accounts := registry.New(client, knownAccounts(cfg)...)
	book, times := ledger.New(client), cfg.Message
	queue := tasks.NewQueue(client, tasks.Durably(store.Replicated(client, cfg.Redis.WaitReplicas)))
	d := &desk{book: book, redis: client, where: where(cfg.Redis)}
	d.intake = intake.Intake{Accounts: accounts, Book: book, Queue: queue, Now: time.Now, NewID: intake.ULID}
	d.lookup = intake.Lookup{Accounts: accounts, Book: book, Waiting: queue}
	d.canceller = intake.Canceller{Lookup: d.lookup, Marks: book, Places: queue, MaxAge: times.MaxAge, Keep: times.Keep}
	requeue := intake.Requeuer{Contents: book, Queue: queue, Now: time.Now, Keep: times.Keep}
	d.resolver = intake.Resolver{Lookup: d.lookup, Doubts: book, Requeue: requeue, By: "operator"}
	d.replayer = intake.Replayer{Lookup: d.lookup, Lives: book, Requeue: requeue, Clock: d.clock}
	d.finder = intake.Finder{Accounts: accounts, Records: book, Now: time.Now, MaxAge: times.MaxAge, Keep: times.Keep}
	return d
}

// clock is the time on Redis's clock.
func (d *desk) clock(ctx context.Context) (time.Time, error) {
	now, err := d.redis.Time(ctx).Result()
	if err != nil {
		return now, &fault.Error{Op: "enqueue.clock", Class: fault.Unavailable, Message: "Redis did not answer", Err: err}
	}
	return now, nil
}

// openFor is open for a command about one account, which somebody must know.
func (p *program) openFor(ctx context.Context, account string) (*desk, error) {
	if !message.ValidAccount(account) {
		return nil, usage("found the account %q; allowed are 1 to 32 lower-case letters, digits and -", account)
	}
	d, err := p.open(ctx)
	if err != nil {
		return nil, err
	}
	_, err = d.lookup.Accounts.Find(ctx, account)
	if fault.Is(err, fault.Unavailable) {
		err = d.away(ctx, err)
	}
	if err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *desk) close() { _ = d.redis.Close() }

// take hands a message over, within the time that one message may cost.
func (d *desk) take(ctx context.Context, m *message.Message) (intake.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return d.intake.Take(ctx, m)
}

// status looks one message up.
func (d *desk) status(ctx context.Context, account, id string) (*message.Record, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return d.lookup.Status(ctx, account, id)
}

// away says which Redis does not answer, unless the caller's context ended,
// which looks the same from here.
func (d *desk) away(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ours("interrupted; what was handed over stays")
	}
	reason := err
	var f *fault.Error
	if errors.As(err, &f) && f.Err != nil {
		reason = f.Err
	}
	return ours("Redis does not answer at %s: %w", d.where, reason)
}

func where(r config.Redis) string {
	text := fmt.Sprintf("%s (redis.addrs, mode %s)", strings.Join(r.Addrs, ", "), r.Mode)
	if r.Mode == "embedded" {
		text += "; the worker runs it, so start that first"
	}
	return text
}

func storeOptions(r config.Redis) store.Options {
	return store.Options{
		Addrs: r.Addrs, Username: r.Username, Password: r.Password.Reveal(), DB: r.DB,
		MasterName: r.MasterName, Cluster: r.Mode == "cluster", TLS: r.TLS,
		Longest: patience,
	}
}

// knownAccounts are those of this program's own configuration.
func knownAccounts(cfg *config.Config) []registry.Account {
	var known []registry.Account
	for _, name := range slices.Sorted(maps.Keys(cfg.Accounts)) {
		a := cfg.Accounts[name]
		known = append(known, registry.Account{Name: name, Type: a.Type, AppID: a.AppID})
	}
	return known
}
