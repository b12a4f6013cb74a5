package wechat

import (
	"context"
	"time"
)

// TokenSource fetches the tokens of one account; it is what a token centre
// stands on.
type TokenSource struct {
	client *Client
	grant  Grant
}

// NewTokenSource makes the source of an account.
func NewTokenSource(client *Client, grant Grant) *TokenSource {
	return &TokenSource{client: client, grant: grant}
}

// Fetch returns a token and its lifetime, by one call. stale is the token that
// failed, or "" for an ordinary fetch; only another token centre (mode external)
// is told it. force, of mode stable, kills the current token and makes a new
// one; WeChat allows that every 30 s and 20 times a day, which is for the caller
// to keep. Errors as of FetchToken.
func (s *TokenSource) Fetch(ctx context.Context, stale string, force bool) (string, time.Duration, error) {
	g := s.grant
	switch g.Mode {
	case External:
		g.Stale = stale
	case Stable:
		g.Force = force
	}
	token, err := s.client.FetchToken(ctx, g)
	if err != nil {
		return "", 0, err
	}
	return token.Value, token.ExpiresIn, nil
}
