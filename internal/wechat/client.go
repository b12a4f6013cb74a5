// Package wechat carries requests to WeChat's servers, reads what they answer
// and knows what each errcode means.
//
// Its promises: a request is put on the wire at most once a call; a call whose
// error has class unsent surely never reached WeChat, one whose class is
// unanswered may have (nothing else is ever guessed, and no network error
// becomes an errcode); no error or printed value holds a secret, an
// access_token or a URL's query.
//
// It decides nothing: what a class leads to is told in internal/dispatch, when
// a token is fetched in internal/token, how fast calls follow in internal/pace.
package wechat

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"wxdispatch/internal/fault"
)

// Client speaks with WeChat for one account. It may be used by many goroutines
// at once, and keeps at most Options.Concurrency connections.
type Client struct {
	base      *url.URL
	plain     bool // plain http beyond loopback is allowed
	timeout   time.Duration
	transport *http.Transport
}

// NewClient makes an account's client. It dials nothing; it fails, in words,
// on options that are wrong or unsafe (class invalid).
func NewClient(o Options) (*Client, error) {
	o = o.withDefaults()
	if fields := o.mistakes(); len(fields) > 0 {
		return nil, fault.InvalidFields("wechat.client", fields)
	}
	base, err := parseAddress(o.BaseURL)
	if err != nil {
		return nil, err
	}
	transport, err := newTransport(o)
	if err != nil {
		return nil, err
	}
	return &Client{base: base, plain: o.AllowPlainHTTP, timeout: o.Timeout, transport: transport}, nil
}

// Close closes idle connections. Calls under way end by themselves.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// Post sends body to an interface that answers with an errcode, and returns
// that answer whatever the errcode. It blocks for Options.Timeout at most. Its
// error has class unsent, unanswered, or busy (a 4xx that is not WeChat's).
func (c *Client) Post(ctx context.Context, path, token string, body []byte) (Reply, error) {
	const op = "wechat.post"
	a := ask{
		op:      op,
		method:  http.MethodPost,
		url:     c.endpoint(path, url.Values{"access_token": {token}}),
		body:    body,
		secrets: []string{token},
	}
	got, err := c.exchange(ctx, a)
	if err != nil {
		return Reply{}, err
	}
	reply, err := got.reply(op)
	reply.Message = redact(reply.Message, token)
	return reply, err
}

// endpoint returns the address of a path below the base URL.
func (c *Client) endpoint(path string, query url.Values) *url.URL {
	u := c.base.JoinPath(path)
	u.RawQuery = query.Encode()
	return u
}
