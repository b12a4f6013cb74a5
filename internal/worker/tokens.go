package worker

import (
	"time"

	"wxdispatch/internal/access"
	"wxdispatch/internal/metrics"
)

// Lifetimes returns how the token of each account at work stands.
func (f *fleet) Lifetimes() map[string]metrics.Lifetime {
	tokens := access.Tokens{}
	for _, a := range f.all() {
		tokens[a.name] = a.tokens
	}
	return tokens.Lifetimes()
}

// tokenHooks park the account while WeChat gives it no token.
func (a *account) tokenHooks() access.Hooks {
	return access.Parking{
		Account: a.name, Book: a.ground.book, Redis: a.ground.redis, Host: a.ground.host, Every: a.ground.cfg.Park.ProbeInterval,
		Left: func() time.Duration { _, left := a.tokens.Life(); return left },
		Log:  a.ground.log,
	}.Hooks()
}
