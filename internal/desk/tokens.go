package desk

import (
	"context"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/token"
)

// tokens are the accounts' tokens as an operator reaches them.
type tokens struct{ redis redis.UniversalClient }

// Read tells how the token stands, never the token.
func (t tokens) Read(ctx context.Context, account string) (token.Standing, error) {
	return token.Read(ctx, t.redis, account)
}

// TryNow has a source that is left alone after a failure tried at once.
func (t tokens) TryNow(ctx context.Context, account string) error {
	return token.TryNow(ctx, t.redis, account)
}
