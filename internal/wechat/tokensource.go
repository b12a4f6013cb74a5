package wechat

import (
	"context"
	"sync"
	"time"

	"wxdispatch/internal/fault"
)

// forceEvery is the shortest time that WeChat allows between two fetches with
// force_refresh.
const forceEvery = 30 * time.Second

// TokenSource fetches the tokens of one account; it is what a token centre
// stands on.
type TokenSource struct {
	client *Client
	grant  Grant
	now    func() time.Time

	mu     sync.Mutex
	forced time.Time // the last force_refresh
}

// NewTokenSource makes the source of an account. now is the clock, time.Now
// when nil.
func NewTokenSource(client *Client, grant Grant, now func() time.Time) *TokenSource {
	if now == nil {
		now = time.Now
	}
	return &TokenSource{client: client, grant: grant, now: now}
}

// Fetch returns a token and its lifetime. stale is the token that failed, or
// "" for an ordinary fetch. It makes one call, or two where WeChat's stable
// token is still the one that failed: then a new one is forced, but not twice
// in 30 s (class busy until then). Errors as of FetchToken.
func (s *TokenSource) Fetch(ctx context.Context, stale string) (string, time.Duration, error) {
	g := s.grant
	if g.Mode == External {
		g.Stale = stale
	}
	token, err := s.client.FetchToken(ctx, g)
	if err == nil && g.Mode == Stable && stale != "" && token.Value == stale {
		if err = s.mayForce(); err == nil {
			g.Force = true
			token, err = s.client.FetchToken(ctx, g)
		}
	}
	if err != nil {
		return "", 0, err
	}
	return token.Value, token.ExpiresIn, nil
}

// mayForce takes the right to force a new token now, or says when to come back.
func (s *TokenSource) mayForce() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if wait := s.forced.Add(forceEvery).Sub(now); wait > 0 {
		return &fault.Error{Op: opToken, Class: fault.Busy, RetryAfter: wait,
			Message: "a new token was forced a moment ago; WeChat allows that every 30 s"}
	}
	s.forced = now
	return nil
}
