package worker

import (
	"log/slog"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/access"
	"wxdispatch/internal/callback"
	"wxdispatch/internal/config"
	"wxdispatch/internal/dispatch"
	"wxdispatch/internal/lane"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/metrics"
	"wxdispatch/internal/pace"
	"wxdispatch/internal/permit"
	"wxdispatch/internal/store"
	"wxdispatch/internal/sweep"
	"wxdispatch/internal/token"
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
	cfg     *config.Config
	redis   redis.UniversalClient
	watch   dispatch.Watch
	metrics *metrics.Metrics
	book    *ledger.Ledger
	dying   <-chan struct{}
	now     func() time.Time // of the sweepers; nil: time.Now
	log     *slog.Logger
}

// account is one account at work: its way to WeChat, its tokens, its pace and
// a lane for each kind that it sends.
type account struct {
	name        string
	wechat      *wechat.Client
	tokens      *token.Centre
	dispatchers map[message.Kind]*dispatch.Dispatcher
	lanes       []*lane.Lane
	sweeper     *sweep.Sweeper
	drain       *callback.Drain
	webhook     *webhook // nil: the account has none
}

func newAccount(name string, cfg config.Account, g ground) (*account, error) {
	client, err := access.NewWeChat(cfg)
	if err != nil {
		return nil, err
	}
	a := &account{name: name, wechat: client, dispatchers: map[message.Kind]*dispatch.Dispatcher{}}
	a.tokens = access.NewTokens(name, cfg, client, g.redis, access.Told(name, g.log), g.log)
	pacer := pace.New(cfg.Rate, cfg.Burst, cfg.Concurrency)
	newServer := func(c asynq.Config) *asynq.Server {
		return asynq.NewServerFromRedisClient(store.Repairing(g.redis), c)
	}
	for _, kind := range cfg.Type.Kinds() {
		a.dispatchers[kind] = &dispatch.Dispatcher{
			Tokens: a.tokens, Pace: pacer, Sender: send.New(client),
			Ledger: g.book, Watch: g.watch, Rules: rules(g.cfg, cfg), Log: g.log, Dying: g.dying,
		}
		a.lanes = append(a.lanes, lane.New(lane.Options{
			Account: name, Kind: kind, Concurrency: cfg.Concurrency,
			ShutdownTimeout: g.cfg.Worker.ShutdownTimeout - returnMargin,
			NewServer:       newServer, Dispatcher: a.dispatchers[kind], Log: g.log,
		}))
	}
	a.sweeper = newSweeper(a, cfg, g)
	a.drain = newDrain(name, cfg, g, rules(g.cfg, cfg).Window())
	a.webhook = newWebhook(name, cfg, g)
	return a, nil
}

func rules(cfg *config.Config, a config.Account) dispatch.Rules {
	return dispatch.Rules{
		Delivery:    a.Delivery,
		MaxAttempts: cfg.Retry.MaxAttempts, MinDelay: cfg.Retry.MinDelay, MaxDelay: cfg.Retry.MaxDelay,
		MaxAge: cfg.Message.MaxAge, Keep: cfg.Message.Keep,
		CallTimeout: a.WeChat.Timeout, ProbeInterval: cfg.Park.ProbeInterval,
		OnlyTo: a.OnlyTo, SuppressFor: a.SuppressFor, Consents: permit.Policy{Enforce: a.Consents == config.Enforce, LongTerm: a.LongTerm},
	}
}

func (a *account) start() error {
	a.tokens.Start()
	for _, l := range a.lanes {
		if err := l.Start(); err != nil {
			return err
		}
	}
	a.sweeper.Start()
	a.drain.Start()
	return a.webhook.start()
}

func (a *account) close() error {
	a.tokens.Close()
	a.wechat.Close()
	return nil
}
