package check

import (
	"context"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/wechat"
)

// WeChat is one account's way to WeChat. Errors are *fault.Error, without a
// secret; both calls end with ctx or after wechat.timeout.
type WeChat interface {
	// Reach makes a call that needs no token and changes nothing. Class unsent
	// or unanswered: nobody answered; busy: whoever answered is not WeChat.
	Reach(ctx context.Context) error
	// FetchToken fetches a token, plainly and without force, and returns how
	// long it is good; the token itself is dropped.
	FetchToken(ctx context.Context) (time.Duration, error)
	// Close ends connections.
	Close()
}

// NewWeChat asks through client, and closes it.
func NewWeChat(client *wechat.Client, grant wechat.Grant) WeChat {
	grant.Force, grant.Stale = false, ""
	return way{client, grant}
}

type way struct {
	client *wechat.Client
	grant  wechat.Grant
}

// Reach takes any errcode for an answer of WeChat's: 41001 is the usual one.
func (w way) Reach(ctx context.Context) error {
	return w.client.Reach(ctx)
}

func (w way) FetchToken(ctx context.Context) (time.Duration, error) {
	token, err := w.client.FetchToken(ctx, w.grant)
	return token.ExpiresIn, err
}

func (w way) Close() { w.client.Close() }

// reachable tells whether a call came through, whatever was answered.
func reachable(err error) bool { return err == nil || fault.Is(err, fault.Busy) }
