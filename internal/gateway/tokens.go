package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/access"
	"wxdispatch/internal/api"
	"wxdispatch/internal/config"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/metrics"
	"wxdispatch/internal/token"
	"wxdispatch/internal/wechat"
)

// tokens is the token service: the centres of the configured accounts, in which
// this process takes part as workers do. Accounts come and go with the
// configuration.
type tokens struct {
	redis redis.UniversalClient
	book  access.Book
	host  string
	log   *slog.Logger

	mu      sync.RWMutex
	started bool
	sources map[string]*source
}

// source is where one account's tokens come from.
type source struct {
	cfg    config.Account
	client *wechat.Client
	centre *token.Centre
}

func (s *source) close() {
	s.centre.Close()
	s.client.Close()
}

// apply takes over the accounts of a configuration: those whose access to WeChat
// has not changed go on, the others are made anew. Nothing is dialled before
// start. Class Invalid: an account whose way to WeChat is wrong or unsafe;
// nothing has changed then.
func (t *tokens) apply(cfg *config.Config) error {
	now, made := map[string]*source{}, []*source{}
	for _, name := range slices.Sorted(maps.Keys(cfg.Accounts)) {
		account := cfg.Accounts[name]
		if before := t.source(name); before != nil && sameAccess(before.cfg, account) {
			now[name] = before
			continue
		}
		s, err := t.open(name, account, cfg.Park.ProbeInterval)
		if err != nil {
			for _, s := range made {
				s.close()
			}
			return &fault.Error{Op: "gateway.tokens", Class: fault.Invalid, Message: "account " + name, Err: err}
		}
		now[name], made = s, append(made, s)
	}
	t.replace(now, made)
	return nil
}

// start keeps the tokens fresh from now on, also those of accounts that come
// later.
func (t *tokens) start() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.started = true
	for _, s := range t.sources {
		s.centre.Start()
	}
}

// replace puts the sources in place, of which some were made, and closes those
// that nobody has any more.
func (t *tokens) replace(now map[string]*source, made []*source) {
	t.mu.Lock()
	before := t.sources
	t.sources = now
	if t.started {
		for _, s := range made {
			s.centre.Start()
		}
	}
	t.mu.Unlock()
	for name, s := range before {
		if now[name] != s {
			s.close()
		}
	}
}

func (t *tokens) open(name string, cfg config.Account, every time.Duration) (*source, error) {
	way, err := access.NewWeChat(cfg)
	if err != nil {
		return nil, err
	}
	s := &source{cfg: cfg, client: way}
	hooks := access.Parking{Account: name, Book: t.book, Redis: t.redis, Host: t.host, Every: every, Log: t.log,
		Left: func() time.Duration { _, left := s.centre.Life(); return left }}.Hooks()
	s.centre = access.NewTokens(name, cfg, way, t.redis, hooks, t.log)
	return s, nil
}

func (t *tokens) source(account string) *source {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.sources[account]
}

// sameAccess tells whether two configurations of an account lead to WeChat in
// the same way.
func sameAccess(a, b config.Account) bool {
	return access.Grant(a) == access.Grant(b) && a.WeChat == b.WeChat && a.Concurrency == b.Concurrency
}

func (t *tokens) close() { t.replace(nil, nil) }

// Lifetimes returns how each account's token stands.
func (t *tokens) Lifetimes() map[string]metrics.Lifetime {
	t.mu.RLock()
	defer t.mu.RUnlock()
	centres := access.Tokens{}
	for name, s := range t.sources {
		centres[name] = s.centre
	}
	return centres.Lifetimes()
}

// Token returns the account's current token.
func (t *tokens) Token(ctx context.Context, account string) (api.AccessToken, error) {
	return t.from(ctx, account, func(c centre) (string, error) { return c.Token(ctx) })
}

// Refresh replaces the account's token if stale is still the current one.
func (t *tokens) Refresh(ctx context.Context, account, stale string) (api.AccessToken, error) {
	return t.from(ctx, account, func(c centre) (string, error) { return c.Refresh(ctx, stale) })
}

// centre is what is asked of a token.Centre here.
type centre interface {
	Token(ctx context.Context) (string, error)
	Refresh(ctx context.Context, stale string) (string, error)
	Lifetime(value string) time.Duration
}

// from takes a token out of an account's centre. One that has less than a
// second is as good as none.
func (t *tokens) from(ctx context.Context, account string, get func(centre) (string, error)) (api.AccessToken, error) {
	s := t.source(account)
	if s == nil {
		return api.AccessToken{}, &fault.Error{Op: "gateway.token", Class: fault.NotFound,
			Message: "no such account in the configuration of this enqueue serve, which needs its secret to have its token"}
	}
	c := s.centre
	value, err := get(c)
	if err == nil && c.Lifetime(value) <= 0 { // replaced in this very moment
		value, err = c.Token(ctx)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return api.AccessToken{}, &fault.Error{Op: "gateway.token", Class: fault.Unavailable, RetryAfter: time.Second, Err: err,
			Message: "a new token is being fetched, and WeChat takes its time; ask again"}
	}
	if err != nil {
		return api.AccessToken{}, withoutToken(err)
	}
	left := c.Lifetime(value).Truncate(time.Second)
	if left <= 0 {
		return api.AccessToken{}, &fault.Error{Op: "gateway.token", Class: fault.Unavailable, RetryAfter: time.Second,
			Message: "the token ends at this moment; ask again"}
	}
	return api.AccessToken{Token: value, ExpiresIn: int(left / time.Second)}, nil
}

// withoutToken is an error of the centre as callers of the API are told it: not
// now, why, and when to come back.
func withoutToken(err error) error {
	var known *fault.Error
	if !errors.As(err, &known) || known.Class == fault.Unavailable {
		return err
	}
	told := *known
	told.Op, told.Class, told.Err = "gateway.token", fault.Unavailable, err
	told.Message = fmt.Sprintf("WeChat gives no token now (%s): %s", known.Class, known.Message)
	return &told
}
