package wechat

import "context"

// harmless is a call that needs no good token to be answered: it brings an
// errcode, and counts nothing.
const harmless = "/cgi-bin/openapi/quota/get"

// Reach asks whether WeChat answers at all: any errcode is an answer, 41001 the
// usual one. Its error is of class unsent, unanswered, or busy for a 4xx
// without JSON, which is somebody's answer, though not WeChat's.
func (c *Client) Reach(ctx context.Context) error {
	_, err := c.Post(ctx, harmless, "", []byte("{}"))
	return err
}
