package gateway

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/callback"
	"wxdispatch/internal/config"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/inbox"
	"wxdispatch/internal/listen"
	"wxdispatch/internal/store"
	"wxdispatch/internal/wechat/push"
)

// Callbacks serves WeChat's push addresses on callback.listen, which it listens
// on once some account has a callback.token.
type Callbacks struct {
	listen    string
	log       *slog.Logger
	inbox     *inbox.Inbox
	numbers   *pushNumbers
	server    *listen.Server
	transport *http.Transport // of what is passed on
	current   atomic.Pointer[addresses]

	mu        sync.Mutex
	listening bool
}

// addresses are the push addresses as one configuration has them.
type addresses struct {
	accounts map[string]callback.Account
	taken    bool // some account has a callback.token
	handler  http.Handler
}

// NewCallbacks assembles the push addresses of a configuration, for programs
// that serve nothing else. Redis belongs to the caller. Class Invalid where an
// account's keys are none.
func NewCallbacks(cfg *config.Config, client redis.UniversalClient, log *slog.Logger) (*Callbacks, error) {
	c := newCallbacks(cfg, client, newPushNumbers(), log)
	next, err := c.addresses(cfg)
	if err != nil {
		return nil, err
	}
	c.current.Store(next)
	return c, nil
}

func newCallbacks(cfg *config.Config, client redis.UniversalClient, numbers *pushNumbers, log *slog.Logger) *Callbacks {
	c := &Callbacks{listen: cfg.Callback.Listen, log: log, numbers: numbers,
		inbox: inbox.New(client, store.Replicated(client, cfg.Redis.WaitReplicas)),
		transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 64, ForceAttemptHTTP2: true}}
	c.current.Store(&addresses{})
	c.server = listen.New(listen.Options{Key: "callback.listen", Sibling: "another enqueue serve", Log: log,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.current.Load().handler.ServeHTTP(w, r) })})
	return c
}

// addresses makes the push addresses of a configuration; class Invalid where an
// account's keys are none.
func (c *Callbacks) addresses(cfg *config.Config) (*addresses, error) {
	next := &addresses{accounts: map[string]callback.Account{}}
	for _, name := range slices.Sorted(maps.Keys(cfg.Accounts)) {
		a, err := c.account(cfg.Accounts[name])
		if err != nil {
			return nil, &fault.Error{Op: "gateway.callbacks", Class: fault.Invalid, Message: "account " + name, Err: err}
		}
		next.accounts[name] = a
		next.taken = next.taken || a.Reader != nil
	}
	next.handler = callback.New(callback.Options{Accounts: next.accounts, Watch: c.numbers, Log: c.log, Inbox: c.inbox})
	return next, nil
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

// Start listens on callback.listen and serves in the background; where no
// account has a callback.token yet it does neither, and may be called again.
// Class Unavailable when that address cannot be listened on.
func (c *Callbacks) Start() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.listening:
		return nil
	case !c.current.Load().taken:
		c.log.Info("no account has a callback.token, so WeChat's pushes are not taken and callback.listen is not used")
		return nil
	}
	if err := c.server.Start(c.listen); err != nil {
		return err
	}
	c.listening = true
	c.log.Info("WeChat's pushes are taken", slog.String("url", c.URL()+"/wechat/ACCOUNT"))
	return nil
}

// Stop takes no new push and lets those that run end until ctx does.
func (c *Callbacks) Stop(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.transport.CloseIdleConnections()
	if !c.listening {
		return nil
	}
	return c.server.Shutdown(ctx)
}

// reader is what an account's pushes are opened with, or nil.
func (c *Callbacks) reader(account string) *push.Account {
	return c.current.Load().accounts[account].Reader
}

// URL is where pushes are taken, without a slash at its end; "" before Start,
// and where no account has a callback.token.
func (c *Callbacks) URL() string { return c.server.URL() }

// Failed hands out the error, at most one, that ends serving before Stop does.
func (c *Callbacks) Failed() <-chan error { return c.server.Failed() }
