package worker

import (
	"context"

	"wxdispatch/internal/dispatch"
	"wxdispatch/internal/trace"
)

// followedTokens tells what the way to a token took.
type followedTokens struct {
	dispatch.Tokens
	tracer *trace.Tracer
}

// Token follows the way to a token.
func (f followedTokens) Token(ctx context.Context) (string, error) {
	ctx, span := f.tracer.Start(ctx, "token", trace.Inner)
	token, err := f.Tokens.Token(ctx)
	ended(span, err)
	return token, err
}

// Refresh follows the way to another token.
func (f followedTokens) Refresh(ctx context.Context, stale string) (string, error) {
	ctx, span := f.tracer.Start(ctx, "token refresh", trace.Inner)
	token, err := f.Tokens.Refresh(ctx, stale)
	ended(span, err)
	return token, err
}
