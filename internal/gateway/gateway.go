// Package gateway assembles enqueue serve: the HTTP API over the intake, the
// ledger and the queues of one Redis, the token service, and WeChat's push
// address over the inbox.
//
// Its promise: Start brings everything up or nothing, and it comes up without
// Redis, too: calls are then answered 503 until Redis is back. Stop lets calls
// that run end, and closes what was opened. It sends no message to WeChat, so it
// links neither lanes nor senders; all it asks there is tokens. Signals, flags
// and exit codes are for cmd/enqueue; what a call means, for internal/api; what
// a push means, for internal/callback.
package gateway

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/access"
	"wxdispatch/internal/api"
	"wxdispatch/internal/config"
	"wxdispatch/internal/desk"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/listen"
	"wxdispatch/internal/operator"
	"wxdispatch/internal/store"
	"wxdispatch/internal/trace"
)

// grace is how long calls that run may take to end.
const grace = 10 * time.Second

// flushTime is how long the last spans may take to the collector.
const flushTime = 2 * time.Second

// Gateway is enqueue serve, running or not yet.
type Gateway struct {
	cfg         *config.Config // as it was at the start
	numbers     *numbers
	current     atomic.Pointer[api.API]
	log         *slog.Logger
	redis       redis.UniversalClient
	tracer      *trace.Tracer // nil: traces are off
	closeTracer func()
	tokens      *tokens
	server      *listen.Server
	pushes      *Callbacks
	ending      context.Context // ends when Stop begins
	drain       context.CancelFunc
	stop        func() error
}

// New assembles the gateway; Redis is not dialled yet. Class Invalid tells
// every mistake of the configuration that keeps it from serving.
func New(cfg *config.Config, log *slog.Logger) (*Gateway, error) {
	if err := cfg.CheckServe(); err != nil {
		return nil, err
	}
	tracer, closeTracer, err := access.Follow(cfg.Traces, "wxdispatch-serve", flushTime, log)
	if err != nil {
		return nil, err
	}
	if tracer != nil {
		log = trace.Logs(log)
	}
	g := &Gateway{cfg: cfg, log: log, tracer: tracer, closeTracer: closeTracer, redis: openRedis(cfg.Redis)}
	g.ending, g.drain = context.WithCancel(context.Background())
	host, _ := os.Hostname()
	g.tokens = &tokens{redis: g.redis, book: ledger.New(g.redis), host: host, log: log}
	g.numbers = newNumbers(g.tokens)
	g.pushes = newCallbacks(cfg, g.redis, g.numbers.pushes, log)
	if err := g.serve(cfg); err != nil {
		g.closeTracer()
		return nil, errors.Join(err, g.redis.Close())
	}
	g.stop = sync.OnceValue(g.end)
	g.server = listen.New(listen.Options{Key: "api.listen", Sibling: "another enqueue serve", Log: log,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { g.current.Load().ServeHTTP(w, r) })})
	return g, nil
}

// Apply takes over another configuration while it serves: keys, accounts and
// what holds for them; calls that run end as they began. Where it listens and
// which Redis it uses take a restart, which the log says. An error changes
// nothing, but for class Unavailable: then all is taken over, and callback.listen
// cannot be listened on.
func (g *Gateway) Apply(_ context.Context, cfg *config.Config) error {
	if err := cfg.CheckServe(); err != nil {
		return err
	}
	if !reflect.DeepEqual(cfg.Redis, g.cfg.Redis) || cfg.API.Listen != g.cfg.API.Listen || cfg.Callback.Listen != g.cfg.Callback.Listen || cfg.Log != g.cfg.Log || cfg.Traces != g.cfg.Traces {
		g.log.Warn("redis, api.listen, callback.listen, log or traces changed; that takes effect at the next start")
	}
	if err := g.serve(cfg); err != nil {
		return err
	}
	return g.pushes.Start()
}

// serve answers calls as a configuration says from now on. An error changes
// nothing.
func (g *Gateway) serve(cfg *config.Config) error {
	pushes, err := g.pushes.addresses(cfg)
	if err != nil {
		return err
	}
	if err := g.tokens.apply(cfg); err != nil {
		return err
	}
	g.pushes.current.Store(pushes)
	if len(cfg.API.Keys) == 0 {
		g.log.Warn("no API key is configured, so every call is refused with 401; write one under api.keys")
	}
	g.current.Store(g.api(cfg))
	return nil
}

// api joins the rooms behind the HTTP API.
func (g *Gateway) api(cfg *config.Config) *api.API {
	options := DeskOptions(cfg, "app")
	options.Counting = g.numbers.Permit
	d := desk.New(g.redis, options)
	o := api.Options{
		Intake:       newDoor(&d.Intake, g.tracer),
		Records:      records{d.Lookup, d.Finder},
		Changes:      changes{d.Canceller, d.Doubts},
		Ends:         ends{d.Ends, d.Deeds},
		Batches:      d.Batches,
		Turns:        batches{d.Batches, d.Deeds},
		Accounts:     d.Operator,
		Operator:     hands{operator.Hands{Operator: d.Operator}},
		Permits:      pool{d.Permits},
		Suppressions: d.Wishes,
		Tokens:       g.tokens,
		Pushes:       handed{d.Accounts, g.pushes},
		Ready:        g.Ready,
		Metrics:      g.numbers.handler(),
		OpenMetrics:  openMetrics(cfg),
		Keys:         keys(cfg),
		Log:          g.log,
		Watch:        g.numbers,
		Ending:       g.ending,
	}
	if g.tracer != nil {
		o.Trace = requests{g.tracer}
	}
	return api.New(o)
}

// Redis is the client that the gateway works on; it is closed by Stop.
func (g *Gateway) Redis() redis.UniversalClient { return g.redis }

// PushURL is where WeChat's pushes are taken, without a slash at its end; ""
// before Start, or where no account has a callback.token.
func (g *Gateway) PushURL() string { return g.pushes.URL() }

// Start listens on api.listen and callback.listen and serves in the background. Class Unavailable
// when one cannot be listened on. A Redis that is away is logged only.
func (g *Gateway) Start(ctx context.Context) error {
	if err := g.server.Start(g.cfg.API.Listen); err != nil {
		return errors.Join(err, g.Stop())
	}
	if err := g.pushes.Start(); err != nil {
		return errors.Join(err, g.Stop())
	}
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	if err := store.Ping(ctx, g.redis); err != nil {
		g.log.Warn("Redis is away, so calls are answered 503 until it is back", slog.Any("error", err), slog.String("do", store.Advice(err)))
	}
	g.tokens.start()
	g.log.Info("the HTTP API serves", slog.String("url", g.URL()), slog.Int("keys", len(g.cfg.API.Keys)))
	return nil
}

// Stop answers /readyz with 503 from now on, takes no new connection, lets
// calls that run end for up to 10 seconds and closes Redis. Only the first Stop
// does something; the others wait for it and return the same.
func (g *Gateway) Stop() error { return g.stop() }

func (g *Gateway) end() error {
	g.drain()
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	err := errors.Join(g.pushes.Stop(ctx), g.server.Shutdown(ctx))
	g.tokens.close()
	err = errors.Join(err, g.redis.Close())
	g.closeTracer()
	g.log.Info("the HTTP API has ended")
	return err
}

// URL is where the API is served, without a slash at its end; "" before Start.
func (g *Gateway) URL() string { return g.server.URL() }

// Failed hands out the error, at most one, that ends serving the API before Stop
// does.
func (g *Gateway) Failed() <-chan error { return g.server.Failed() }

// PushesFailed is Failed of the push address.
func (g *Gateway) PushesFailed() <-chan error { return g.pushes.Failed() }

// Ready is nil while Redis answers and Stop has not begun; class Unavailable
// else.
func (g *Gateway) Ready(ctx context.Context) error {
	if g.ending.Err() != nil {
		return &fault.Error{Op: "gateway.ready", Class: fault.Unavailable, Message: "the program is shutting down; use another one"}
	}
	return store.Ping(ctx, g.redis)
}
