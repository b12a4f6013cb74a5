package check

import (
	"context"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/template"
	"wxdispatch/internal/wechat"
)

// WeChat is one account's way to WeChat. Errors are *fault.Error, without a
// secret; both calls end with ctx or after wechat.timeout.
type WeChat interface {
	// Reach makes a call that needs no token and changes nothing. Class unsent
	// or unanswered: nobody answered; busy: whoever answered is not WeChat.
	Reach(ctx context.Context) error
	// FetchToken fetches a token, plainly and without force, and returns how
	// long it is good; the token itself is told to nobody.
	FetchToken(ctx context.Context) (time.Duration, error)
	// Templates counts the account's own templates of a list, with the token
	// that was fetched.
	Templates(ctx context.Context, sort template.Sort) (int, error)
	// Quota returns WeChat's count of a kind's day, with the token that was
	// fetched.
	Quota(ctx context.Context, kind message.Kind) (wechat.Quota, error)
	// Close ends connections.
	Close()
}

// NewWeChat asks through client, and closes it.
func NewWeChat(client *wechat.Client, grant wechat.Grant) WeChat {
	grant.Force, grant.Stale = false, ""
	return &way{client: client, grant: grant}
}

type way struct {
	client *wechat.Client
	grant  wechat.Grant
	token  wechat.Token // the last that was fetched
}

// Reach takes any errcode for an answer of WeChat's: 41001 is the usual one.
func (w *way) Reach(ctx context.Context) error {
	return w.client.Reach(ctx)
}

func (w *way) FetchToken(ctx context.Context) (time.Duration, error) {
	token, err := w.client.FetchToken(ctx, w.grant)
	w.token = token
	return token.ExpiresIn, err
}

func (w *way) Templates(ctx context.Context, sort template.Sort) (int, error) {
	list, err := w.client.Templates(ctx, w.token.Value, sort)
	return len(list), err
}

func (w *way) Quota(ctx context.Context, kind message.Kind) (wechat.Quota, error) {
	return w.client.FetchQuota(ctx, w.token.Value, kind.Path())
}

func (w *way) Close() { w.client.Close() }

// reachable tells whether a call came through, whatever was answered.
func reachable(err error) bool { return err == nil || fault.Is(err, fault.Busy) }
