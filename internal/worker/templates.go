package worker

import (
	"context"
	"time"

	"wxdispatch/internal/access"
	"wxdispatch/internal/catalogue"
	"wxdispatch/internal/config"
)

// newTemplates keeps the account's templates known to those who take messages;
// nil where nothing is to be checked.
func newTemplates(a *account) *catalogue.Keeper {
	if a.cfg.TemplateCheck == config.CheckOff {
		return nil
	}
	return catalogue.NewKeeper(catalogue.KeeperOptions{
		Account: a.name, Catalogue: catalogue.New(a.ground.redis),
		Source: access.Lister{Type: a.cfg.Type, Client: a.wechat, Errand: access.Errand{Tokens: a.tokens}},
		Claim: func(ctx context.Context, what string, d time.Duration) (bool, error) {
			return a.ground.book.Claim(ctx, a.name, what, d)
		},
		Log: a.ground.log,
	})
}
