// Package remote is the way to wxdispatch over HTTP: the calls of the API that
// enqueue serve answers, in the terms of internal/intake.
//
// Its promise: whoever hands messages over meets the same results and the same
// classes of error as over Redis. What leaves an outcome open (no answer, one
// that is no answer of ours, 503) is class Unavailable, and the message's id is
// known then, so that it can be handed over again. Answers are read up to a
// bound, each call ends in time, and neither the key nor a user's openid stands
// in an error. It repeats nothing by itself, starts nothing but what net/http
// keeps for its connections, and leaves what a message is to internal/message.
package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"wxdispatch/internal/fault"
)

const (
	// Patience is how long a call may take unless Options say otherwise: the
	// API's own is 5 s.
	Patience = 10 * time.Second
	// idleConnections are kept to the one server: as many as an app's requests
	// that run at once, within reason.
	idleConnections = 64
)

// Options say how the API is reached.
type Options struct {
	Timeout   time.Duration // of a call, or of a batch's next line; 0: Patience
	Client    *http.Client  // its transport, jar and timeout count; nil: a client of its own
	PlainHTTP bool          // http:// beyond loopback is meant
}

// Remote is one wxdispatch over HTTP. It is safe for concurrent use.
type Remote struct {
	base    *url.URL
	client  *http.Client
	timeout time.Duration
	sign    func(http.Header) // adds the key; a function does not print it
}

// New returns the API at base, which may have a path. It does not connect.
// Class Invalid: base is no address that a key may be sent to, or key is none.
func New(base, key string, o Options) (*Remote, error) {
	at, err := address(base, o.PlainHTTP)
	if err != nil {
		return nil, err
	}
	if err := goodKey(key); err != nil {
		return nil, err
	}
	client := &http.Client{}
	if o.Client != nil {
		*client = *o.Client
	}
	if client.Transport == nil {
		client.Transport = transport()
	}
	// A redirect would turn a POST into a GET, or lead the key elsewhere.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	timeout := o.Timeout
	if timeout <= 0 {
		timeout = Patience
	}
	sign := func(h http.Header) { h.Set("Authorization", "Bearer "+key) }
	return &Remote{base: at, client: client, timeout: timeout, sign: sign}, nil
}

// Close lets go of connections that no call uses.
func (r *Remote) Close() { r.client.CloseIdleConnections() }

// String tells where it leads.
func (r *Remote) String() string { return r.base.String() }

func transport() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost = idleConnections, idleConnections
	return t
}

// address reads the base address. Its errors do not repeat what may be a
// password.
func address(base string, plain bool) (*url.URL, error) {
	at, err := url.Parse(base)
	switch {
	case err != nil:
		return nil, bad("the address cannot be read; write it as https://wxdispatch.example.com")
	case at.User != nil:
		return nil, bad("the address has a user in it; give the key beside the address, and nothing in it")
	case at.Scheme != "https" && at.Scheme != "http", at.Host == "":
		return nil, bad("found the address %q; write it with its scheme, as https://wxdispatch.example.com", base)
	case at.RawQuery != "" || at.Fragment != "":
		return nil, bad("the address of %s has a query or a fragment; give it without", at.Host)
	case at.Scheme == "http" && !plain && !loopback(at.Hostname()):
		return nil, bad("found %s://%s, where everyone on the way reads the key; use https, or allow plain HTTP where the network is your own", at.Scheme, at.Host)
	}
	at.Path = strings.TrimRight(at.Path, "/")
	return at, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// goodKey refuses what no Authorization header can carry.
func goodKey(key string) error {
	visible := func(c rune) bool { return c > ' ' && c < 0x7f }
	if key == "" || strings.ContainsFunc(key, func(c rune) bool { return !visible(c) }) {
		return bad("the key is empty, or has spaces, line ends or other signs that no key has; give one of the server's api.keys")
	}
	return nil
}

func bad(format string, args ...any) error {
	return &fault.Error{Op: "remote.new", Class: fault.Invalid, Message: fmt.Sprintf(format, args...)}
}

// path is an address below the base; its parts are escaped.
func path(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		if part = url.PathEscape(part); part == "." || part == ".." {
			part = strings.ReplaceAll(part, ".", "%2E") // else it would lead up
		}
		b.WriteString("/" + part)
	}
	return b.String()
}

// account is an address below an account's.
func account(name string, parts ...string) string {
	return "/api/v1" + path(append([]string{"accounts", name}, parts...)...)
}

// unreached is a call without an answer that was understood.
func (r *Remote) unreached(op string, err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // its words repeat the address, with a user's openid
	}
	words := fmt.Sprintf("%s did not answer", r.base.Host)
	if errors.Is(err, context.DeadlineExceeded) {
		words += " in time"
	}
	return &fault.Error{Op: op, Class: fault.Unavailable, Message: words, RetryAfter: comeBack, Err: err}
}
