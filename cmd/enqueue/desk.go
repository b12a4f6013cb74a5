package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch"
	"wxdispatch/internal/access"
	"wxdispatch/internal/config"
	producer "wxdispatch/internal/desk"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/gateway"
	"wxdispatch/internal/message"
	"wxdispatch/internal/store"
	"wxdispatch/internal/trace"
)

const (
	knock    = 4 * time.Second // how long Redis may take to answer at the start
	patience = 5 * time.Second // and later, for one message
)

// byOperator is who does what commands do, as histories name it.
const byOperator = "operator"

// desk is where a command works: the configuration's Redis, with the client that
// apps have, too, and what only operators need. It must be closed.
type desk struct {
	*wxdispatch.Client
	office *producer.Desk // for what apps do not do: accounts, whole selections
	redis  redis.UniversalClient
	cfg    *config.Config
	where  string        // the Redis in words
	tracer *trace.Tracer // nil: traces are off
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
	client := store.Open(gateway.StoreOptions(cfg.Redis, patience))
	d := &desk{office: producer.New(client, gateway.DeskOptions(cfg, byOperator)), redis: client, cfg: cfg, where: where(cfg.Redis)}
	if d.Client, err = wxdispatch.New(way(client, cfg)); err != nil {
		d.close()
		return nil, err
	}
	if d.tracer, err = p.openTracer(cfg.Traces); err != nil {
		d.close()
		return nil, err
	}
	ctx, cancel := context.WithTimeout(caller, knock)
	defer cancel()
	if err := store.Ping(ctx, client); err != nil {
		d.close()
		return nil, d.away(caller, err)
	}
	return d, nil
}

// way is how a client reaches the configuration's Redis.
func way(client redis.UniversalClient, cfg *config.Config) wxdispatch.Way {
	return wxdispatch.Redis(client, wxdispatch.WithName(byOperator), wxdispatch.WithAccounts(access.Accounts(cfg)...),
		wxdispatch.WithTimes(cfg.Message.MaxAge, cfg.Message.Keep), wxdispatch.WithWaitReplicas(cfg.Redis.WaitReplicas))
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
	_, err = d.office.Accounts.Find(ctx, account)
	if err != nil {
		d.close()
		return nil, d.orAway(ctx, err)
	}
	return d, nil
}

func (d *desk) close() {
	_ = d.redis.Close()
	d.closeTracer()
}

// take hands a message over, within the time that one message may cost.
func (d *desk) take(ctx context.Context, m *message.Message) (wxdispatch.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if d.tracer != nil {
		return gateway.Followed{Taker: sending{d.Client}, Tracer: d.tracer}.Take(ctx, m)
	}
	return d.Send(ctx, m)
}

// status looks one message up.
func (d *desk) status(ctx context.Context, account, id string) (*message.Record, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return d.Status(ctx, account, id)
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
	return ours("Redis does not answer at %s: %w; %s", d.where, reason, store.Advice(reason))
}

// orAway is an error as a person is told it: as away says where it is that Redis
// does not answer, else as it is. No error stays none.
func (d *desk) orAway(ctx context.Context, err error) error {
	if fault.Is(err, fault.Unavailable) {
		return d.away(ctx, err)
	}
	return err
}

func where(r config.Redis) string {
	text := fmt.Sprintf("%s (redis.addrs, mode %s)", strings.Join(r.Addrs, ", "), r.Mode)
	if r.Mode == "embedded" {
		text += "; the worker runs it, so start that first"
	}
	return text
}
