package gateway

import (
	"context"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/config"
	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat"
)

// Meter asks WeChat about an account's quotas. It needs the account's secret.
type Meter struct{ *line }

// NewMeter makes the meter of a configured account. It dials nothing; class
// Invalid names what the configuration lacks. The caller closes it.
func NewMeter(cfg *config.Config, name string, redis redis.UniversalClient) (*Meter, error) {
	l, err := newLine(cfg, name, redis)
	if err != nil {
		return nil, err
	}
	return &Meter{l}, nil
}

// Quota is WeChat's own count of a kind's day. Errors have the class of WeChat's
// code, or of a token that could not be had.
func (m *Meter) Quota(ctx context.Context, kind message.Kind) (quota wechat.Quota, err error) {
	err = m.errand.Run(ctx, func(token string) (err error) {
		quota, err = m.client.FetchQuota(ctx, token, kind.Path())
		return err
	})
	return quota, err
}

// Clear has WeChat count the day anew; code 48006: the month's ten are used.
func (m *Meter) Clear(ctx context.Context) error {
	return m.errand.Run(ctx, func(token string) error { return m.client.ClearQuota(ctx, token, m.account.AppID) })
}
