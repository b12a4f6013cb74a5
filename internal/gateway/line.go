package gateway

import (
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/access"
	"wxdispatch/internal/config"
	"wxdispatch/internal/token"
	"wxdispatch/internal/wechat"
)

// line is a command's way to WeChat for one account, with the account's shared
// token.
type line struct {
	account config.Account
	client  *wechat.Client
	tokens  *token.Centre
	errand  access.Errand
}

// newLine makes the line of a configured account. It dials nothing; class
// Invalid names what the configuration lacks.
func newLine(cfg *config.Config, name string, redis redis.UniversalClient) (*line, error) {
	if err := cfg.CheckAccount(name); err != nil {
		return nil, err
	}
	a := cfg.Accounts[name]
	client, err := access.NewWeChat(a)
	if err != nil {
		return nil, err
	}
	tokens := access.NewTokens(name, a, client, redis, access.Hooks{}, nil)
	return &line{account: a, client: client, tokens: tokens, errand: access.Errand{Tokens: tokens}}, nil
}

// Close ends what was opened.
func (l *line) Close() {
	l.tokens.Close()
	l.client.Close()
}
