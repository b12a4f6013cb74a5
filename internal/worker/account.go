package worker

import (
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/access"
	"wxdispatch/internal/callback"
	"wxdispatch/internal/catalogue"
	"wxdispatch/internal/config"
	"wxdispatch/internal/dispatch"
	"wxdispatch/internal/lane"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/metrics"
	"wxdispatch/internal/pace"
	"wxdispatch/internal/park"
	"wxdispatch/internal/permit"
	"wxdispatch/internal/store"
	"wxdispatch/internal/sweep"
	"wxdispatch/internal/tender"
	"wxdispatch/internal/token"
	"wxdispatch/internal/trace"
	"wxdispatch/internal/wechat"
	"wxdispatch/internal/wechat/send"
)

// returnMargin is what is left of shutdown_timeout when asynq takes back the
// tasks of handlers that still run; endMargin, when they stop writing.
const (
	returnMargin = 2 * time.Second
	endMargin    = time.Second
)

// ground is what all accounts of a worker stand on.
type ground struct {
	cfg     *config.Config // as it was when the account was made
	host    string
	redis   redis.UniversalClient
	watch   dispatch.Watch
	metrics *metrics.Metrics
	book    *ledger.Ledger
	tracer  *trace.Tracer // nil: traces are off
	dying   <-chan struct{}
	// unwritten is the worker's, for an account that is made anew rescues what the
	// one before it still writes down.
	unwritten *dispatch.Unwritten
	now       func() time.Time // of the sweepers; nil: time.Now
	log       *slog.Logger
}

// account is one account at work: its way to WeChat, its tokens, its pace, a
// lane for each kind that it sends and for each of its batches, and who keeps
// them where its parks want them.
type account struct {
	name        string
	cfg         config.Account
	ground      ground
	asynq       redis.UniversalClient // for the servers of its lanes
	wechat      *wechat.Client
	tokens      *token.Centre
	pacer       *pace.Pacer
	dispatchers map[message.Kind]lane.Dispatcher
	lanes       []*lane.Lane
	batchGate   *lane.Gate
	tender      *tender.Tender
	keeper      *park.Keeper
	sweeper     *sweep.Sweeper
	receipts    *callback.Drain
	webhook     *webhook          // nil: the account has none
	templates   *catalogue.Keeper // nil: its template_check is off
}

func newAccount(name string, cfg config.Account, g ground) (*account, error) {
	client, err := access.NewWeChat(cfg)
	if err != nil {
		return nil, err
	}
	a := &account{
		name: name, cfg: cfg, ground: g, wechat: client, asynq: store.Repairing(store.Together(g.redis)),
		dispatchers: map[message.Kind]lane.Dispatcher{},
	}
	a.tokens = access.NewTokens(name, cfg, client, g.redis, a.tokenHooks(), g.log)
	a.pacer = newPacer(name, cfg, g)
	gate := lane.NewGate(a.pacer.Places)
	a.batchGate = lane.NewGate(a.pacer.Places)
	for _, kind := range cfg.Type.Kinds() {
		a.dispatchers[kind] = a.follow(a.newDispatcher(gate.Paced(a.pacer)))
		a.lanes = append(a.lanes, lane.New(lane.Options{
			Lane: message.Lane{Account: name, Kind: kind}, Concurrency: cfg.Concurrency,
			ShutdownTimeout: g.cfg.Worker.ShutdownTimeout - returnMargin,
			Gate:            gate, NewServer: a.newServer, Dispatcher: a.dispatchers[kind], Log: g.log,
		}))
	}
	a.tender = newTender(a, g)
	a.keeper = newKeeper(a, g)
	a.sweeper = newSweeper(a, cfg, g)
	a.receipts = newDrain(name, cfg, g, rules(g.cfg, cfg).Window())
	a.webhook = newWebhook(name, cfg, g)
	a.templates = newTemplates(a)
	return a, nil
}

// newDispatcher makes what sends the account's messages at a pace.
func (a *account) newDispatcher(pace dispatch.Pace) *dispatch.Dispatcher {
	g := a.ground
	return &dispatch.Dispatcher{
		Tokens: a.tokens, Pace: pace, Sender: send.New(a.wechat),
		Ledger: g.book, Watch: g.watch, Rules: rules(g.cfg, a.cfg), Log: g.log, Dying: g.dying, Unwritten: g.unwritten,
		Quota: func(kind message.Kind) (int, bool) { return a.keeper.Quota(kind) },
	}
}

func rules(cfg *config.Config, a config.Account) dispatch.Rules {
	return dispatch.Rules{
		Delivery:    a.Delivery,
		MaxAttempts: cfg.Retry.MaxAttempts, MinDelay: cfg.Retry.MinDelay, MaxDelay: cfg.Retry.MaxDelay,
		MaxAge: cfg.Message.MaxAge, Keep: cfg.Message.Keep,
		CallTimeout: a.WeChat.Timeout, ProbeInterval: cfg.Park.ProbeInterval,
		OnlyTo: a.OnlyTo, SuppressFor: a.SuppressFor, Quiet: a.Quiet().Until,
		Consents: permit.Policy{Enforce: a.Consents == config.Enforce, LongTerm: a.LongTerm},
	}
}

// newPacer makes the account's pacer; what it hears of the rates is a metric.
func newPacer(name string, cfg config.Account, g ground) *pace.Pacer {
	return pace.New(pace.Options{
		Account: name, Rate: cfg.Rate, Burst: cfg.Burst, Concurrency: cfg.Concurrency, Redis: g.redis,
		Told: func(r pace.Rates) { g.metrics.Rate(name, r.Configured, r.Now) }, Log: g.log,
	})
}

// start looks at the account's parks and starts the lanes that none holds. After
// an error, Redis being away, it goes on trying.
func (a *account) start() error {
	a.tokens.Start()
	a.pacer.Start()
	err := a.keeper.Start()
	a.tender.Start()
	a.sweeper.Start()
	a.receipts.Start()
	if a.templates != nil {
		a.templates.Start()
	}
	return errors.Join(err, a.webhook.start())
}

// drain takes nothing new and starts no further call. It does not wait.
func (a *account) drain() {
	a.tender.Drain()
	for _, l := range a.lanes {
		l.Drain()
	}
}

// stop drains, and waits for what runs.
func (a *account) stop() {
	a.drain()
	var all sync.WaitGroup
	all.Go(a.keeper.Stop)
	all.Go(a.tender.Stop)
	all.Go(a.sweeper.Stop)
	all.Go(a.receipts.Stop)
	all.Go(a.webhook.stop)
	if a.templates != nil {
		all.Go(a.templates.Stop)
	}
	for _, l := range a.lanes {
		all.Go(l.Stop)
	}
	all.Wait()
}

func (a *account) close() {
	a.pacer.Close()
	a.tokens.Close()
	a.wechat.Close()
}
