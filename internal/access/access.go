// Package access is an account's access to WeChat as its configuration says:
// the way there, the token centre that stands on it, and what others may know of
// it; and the way to Redis. Workers and enqueue serve build all here, so that they fetch and share the
// same tokens.
//
// It assembles and decides nothing. What stops when no token is to be had is
// for whoever gives Hooks.
package access

import (
	"log/slog"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/config"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/token"
	"wxdispatch/internal/wechat"
)

// NewWeChat is an account's way to WeChat. It dials nothing; the caller closes
// it. Class Invalid: options that are wrong or unsafe.
func NewWeChat(cfg config.Account) (*wechat.Client, error) {
	return wechat.NewClient(wechat.Options{
		BaseURL: cfg.WeChat.BaseURL, AllowPlainHTTP: cfg.WeChat.AllowPlainHTTP,
		Proxy: cfg.WeChat.Proxy.Reveal(), CAFile: cfg.WeChat.CAFile,
		Timeout: cfg.WeChat.Timeout, Concurrency: cfg.Concurrency,
	})
}

// Grant is what an account's access_token is asked with.
func Grant(cfg config.Account) wechat.Grant {
	return wechat.Grant{
		Mode: wechat.Mode(cfg.Token), AppID: cfg.AppID, Secret: cfg.Secret.Reveal(),
		URL: cfg.TokenSource.URL, Key: cfg.TokenSource.Key.Reveal(),
	}
}

// NewTokens is the account's token centre in this process, not started yet. The
// caller closes it before client.
func NewTokens(name string, cfg config.Account, client *wechat.Client, redis redis.UniversalClient, h Hooks, log *slog.Logger) *token.Centre {
	grant := Grant(cfg)
	return token.New(redis, wechat.NewTokenSource(client, grant), token.Options{
		Account: name, AppID: cfg.AppID, Mode: string(grant.Mode), Credentials: grant.Fingerprint(),
		Forces: grant.Mode == wechat.Stable,
		Own:    func(err *fault.Error) bool { return wechat.AddressRefused(err.Code) }, Troubled: h.Troubled, Mended: h.Mended, Log: log,
	})
}
