package desk

import (
	"context"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/token"
)

// tokens are the accounts' tokens as an operator reaches them.
type tokens struct{ redis redis.UniversalClient }

// TryNow has a source that is left alone after a failure tried at once.
func (t tokens) TryNow(ctx context.Context, account string) error {
	return token.TryNow(ctx, t.redis, account)
}
