package access

import (
	"context"

	"wxdispatch/internal/catalogue"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/template"
	"wxdispatch/internal/wechat"
)

// Tokener is where an account's access_token comes from.
type Tokener interface {
	// Token returns the current token. Errors have RetryAfter.
	Token(ctx context.Context) (string, error)
	// Refresh returns another than stale, which WeChat refused.
	Refresh(ctx context.Context, stale string) (string, error)
}

// Errand is a call to WeChat that is no send.
type Errand struct{ Tokens Tokener }

// Run calls with the current token, and once more when that was not good.
func (e Errand) Run(ctx context.Context, call func(token string) error) error {
	token, err := e.Tokens.Token(ctx)
	if err != nil {
		return err
	}
	err = call(token)
	if !fault.Is(err, fault.Token) {
		return err
	}
	if token, err = e.Tokens.Refresh(ctx, token); err != nil {
		return err
	}
	return call(token)
}

// Lister reads all lists of templates of an account; it is the catalogue's
// source.
type Lister struct {
	Type   message.AccountType
	Client *wechat.Client
	Errand Errand
}

// Lists reads them one after the other; one that fails is told as such, and the
// others are read all the same.
func (l Lister) Lists(ctx context.Context) []catalogue.Fetched {
	var lists []catalogue.Fetched
	for _, sort := range template.SortsOf(l.Type) {
		f := catalogue.Fetched{Sort: sort}
		f.Err = l.Errand.Run(ctx, func(token string) (err error) {
			f.Templates, err = l.Client.Templates(ctx, token, sort)
			return err
		})
		lists = append(lists, f)
	}
	return lists
}
