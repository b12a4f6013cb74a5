package gateway

import (
	"context"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/access"
	"wxdispatch/internal/config"
	"wxdispatch/internal/message"
	"wxdispatch/internal/token"
	"wxdispatch/internal/wechat"
)

// Meter asks WeChat about an account's quotas. It needs the account's secret.
type Meter struct {
	appid  string
	client *wechat.Client
	tokens *token.Centre
}

// NewMeter makes the meter of a configured account. It dials nothing; class
// Invalid names what the configuration lacks. The caller closes it.
func NewMeter(cfg *config.Config, name string, redis redis.UniversalClient) (*Meter, error) {
	if err := cfg.CheckAccount(name); err != nil {
		return nil, err
	}
	a := cfg.Accounts[name]
	client, err := access.NewWeChat(a)
	if err != nil {
		return nil, err
	}
	tokens := access.NewTokens(name, a, client, redis, access.Hooks{}, nil)
	return &Meter{appid: a.AppID, client: client, tokens: tokens}, nil
}

// Close ends what was opened.
func (m *Meter) Close() {
	m.tokens.Close()
	m.client.Close()
}

// Quota is WeChat's own count of a kind's day. Errors have the class of WeChat's
// code, or of a token that could not be had.
func (m *Meter) Quota(ctx context.Context, kind message.Kind) (quota wechat.Quota, err error) {
	err = m.with(ctx, func(token string) (err error) {
		quota, err = m.client.FetchQuota(ctx, token, kind.Path())
		return err
	})
	return quota, err
}

// Clear has WeChat count the day anew; code 48006: the month's ten are used.
func (m *Meter) Clear(ctx context.Context) error {
	return m.with(ctx, func(token string) error { return m.client.ClearQuota(ctx, token, m.appid) })
}

func (m *Meter) with(ctx context.Context, call func(token string) error) error {
	return access.Errand{Tokens: m.tokens}.Run(ctx, call)
}
