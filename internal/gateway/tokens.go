package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/access"
	"wxdispatch/internal/api"
	"wxdispatch/internal/config"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/wechat"
)

// tokens is the token service: the centres of the configured accounts, in which
// this process takes part as workers do.
type tokens struct {
	centres access.Tokens
	clients []*wechat.Client
}

// newTokens makes the centres; nothing is dialled yet. Class Invalid: an
// account whose way to WeChat is wrong or unsafe. What was made is to be closed
// with an error, too.
func newTokens(cfg *config.Config, client redis.UniversalClient, log *slog.Logger) (*tokens, error) {
	t := &tokens{centres: access.Tokens{}}
	for _, name := range slices.Sorted(maps.Keys(cfg.Accounts)) {
		way, err := access.NewWeChat(cfg.Accounts[name])
		if err != nil {
			return t, &fault.Error{Op: "gateway.tokens", Class: fault.Invalid, Message: "account " + name, Err: err}
		}
		t.clients = append(t.clients, way)
		t.centres[name] = access.NewTokens(name, cfg.Accounts[name], way, client, access.Told(name, log), log)
	}
	return t, nil
}

func (t *tokens) start() {
	for _, centre := range t.centres {
		centre.Start()
	}
}

func (t *tokens) close() {
	for _, centre := range t.centres {
		centre.Close()
	}
	for _, client := range t.clients {
		client.Close()
	}
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
	c, known := t.centres[account]
	if !known {
		return api.AccessToken{}, &fault.Error{Op: "gateway.token", Class: fault.NotFound,
			Message: "no such account in the configuration of this enqueue serve, which needs its secret to have its token"}
	}
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
