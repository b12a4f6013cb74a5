package gateway

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"slices"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/callback"
	"wxdispatch/internal/config"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/inbox"
	"wxdispatch/internal/listen"
	"wxdispatch/internal/store"
	"wxdispatch/internal/wechat/push"
)

// Callbacks serves WeChat's push addresses on callback.listen. A nil one does
// nothing.
type Callbacks struct {
	listen    string
	log       *slog.Logger
	server    *listen.Server
	transport *http.Transport // of what is passed on
	accounts  map[string]callback.Account
}

// NewCallbacks assembles the push addresses of a configuration, for programs
// that serve nothing else; nil where no account has a callback.token. Redis
// belongs to the caller. Class Invalid where an account's keys are none.
func NewCallbacks(cfg *config.Config, client redis.UniversalClient, log *slog.Logger) (*Callbacks, error) {
	return newCallbacks(cfg, client, newPushNumbers(), log)
}

func newCallbacks(cfg *config.Config, client redis.UniversalClient, numbers *pushNumbers, log *slog.Logger) (*Callbacks, error) {
	c := &Callbacks{listen: cfg.Callback.Listen, log: log, transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 64, ForceAttemptHTTP2: true}}
	c.accounts = map[string]callback.Account{}
	taken := false
	for _, name := range slices.Sorted(maps.Keys(cfg.Accounts)) {
		a, err := c.account(cfg.Accounts[name])
		if err != nil {
			return nil, &fault.Error{Op: "gateway.new", Class: fault.Invalid, Message: "account " + name, Err: err}
		}
		c.accounts[name] = a
		taken = taken || a.Reader != nil
	}
	if !taken {
		log.Info("no account has a callback.token, so WeChat's pushes are not taken and callback.listen is not used")
		return nil, nil
	}
	handler := callback.New(callback.Options{Accounts: c.accounts, Watch: numbers, Log: log,
		Inbox: inbox.New(client, store.Replicated(client, cfg.Redis.WaitReplicas))})
	c.server = listen.New(listen.Options{Key: "callback.listen", Sibling: "another enqueue serve", Handler: handler, Log: log})
	return c, nil
}

// account is what an account's pushes are checked, opened and passed on with.
func (c *Callbacks) account(cfg config.Account) (callback.Account, error) {
	var a callback.Account
	if cfg.Callback.Token == "" && cfg.Callback.PreviousToken == "" {
		return a, nil
	}
	var err error
	a.Reader, err = push.NewAccount(push.Secrets{
		AppID: cfg.AppID, Token: cfg.Callback.Token.Reveal(), PreviousToken: cfg.Callback.PreviousToken.Reveal(),
		AESKey: cfg.Callback.AESKey.Reveal(), PreviousAESKey: cfg.Callback.PreviousAESKey.Reveal(),
	})
	if err == nil && cfg.Callback.Forward.URL != "" {
		a.Forward, err = callback.NewForward(cfg.Callback.Forward.URL, cfg.Callback.Forward.Timeout, c.transport)
	}
	return a, err
}

// Start listens on callback.listen and serves in the background. Class
// Unavailable when it cannot be listened on.
func (c *Callbacks) Start() error {
	if c == nil {
		return nil
	}
	if err := c.server.Start(c.listen); err != nil {
		return err
	}
	c.log.Info("WeChat's pushes are taken", slog.String("url", c.URL()+"/wechat/ACCOUNT"))
	return nil
}

// Stop takes no new push and lets those that run end until ctx does.
func (c *Callbacks) Stop(ctx context.Context) error {
	if c == nil {
		return nil
	}
	err := c.server.Shutdown(ctx)
	c.transport.CloseIdleConnections()
	return err
}

// readers are what the accounts' pushes are opened with.
func (c *Callbacks) readers() map[string]callback.Account {
	if c == nil {
		return nil
	}
	return c.accounts
}

// URL is where pushes are taken, without a slash at its end; "" before Start.
func (c *Callbacks) URL() string {
	if c == nil {
		return ""
	}
	return c.server.URL()
}

// Failed hands out the error, at most one, that ends serving before Stop does.
func (c *Callbacks) Failed() <-chan error {
	if c == nil {
		return nil
	}
	return c.server.Failed()
}
