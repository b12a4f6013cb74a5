package wxdispatch

import (
	"context"

	"wxdispatch/internal/message"
)

// Suppress keeps messages from a user from now on, also those that wait: all, or
// those of s.Template; until s.Until, or for good when that is zero. Again for
// the same template it replaces what stood. A Message with Force goes all the
// same, and a new consent to the template (AddPermit) lifts it.
//
// Class Invalid: Fields says why; NotFound: no such account; Unavailable: Redis
// is away, it may have been written, so repeat it.
func (c *Client) Suppress(ctx context.Context, account string, s Suppression) error {
	s.By, s.Replace, s.Void = message.ByApp, true, false
	return c.wishes.Suppress(ctx, account, s)
}

// LiftSuppression lets messages of a template through again, or with "" ends
// what keeps everything from the user; the other suppressions stay. Class
// NotFound: there was none, or there is no such account; else as Suppress.
func (c *Client) LiftSuppression(ctx context.Context, account, openid, template string) error {
	return c.wishes.Lift(ctx, account, openid, template)
}

// Suppressions tells what a user wants no more, that of everything first: what
// apps set, what WeChat's 43101 told, and what its pushes told. Errors as
// Suppress's.
func (c *Client) Suppressions(ctx context.Context, account, openid string) ([]Suppression, error) {
	return c.wishes.List(ctx, account, openid)
}
