package callback

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"wxdispatch/internal/fault"
)

// maxReply is the greatest reply that is returned to WeChat, in bytes.
const maxReply = 1 << 20

// Forward passes pushes on to another program of the account's owner. It is
// safe for concurrent use.
type Forward struct {
	to      *url.URL
	timeout time.Duration
	client  *http.Client
}

// NewForward makes one. The client belongs to the caller; redirects are not
// followed: the push would become a GET. Class Invalid where to is no URL.
func NewForward(to string, timeout time.Duration, transport http.RoundTripper) (*Forward, error) {
	u, err := url.Parse(to)
	if err != nil || u.Host == "" {
		return nil, &fault.Error{Op: "callback.forward", Class: fault.Invalid, Message: "callback.forward.url is no absolute URL"}
	}
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &Forward{to: u, timeout: timeout, client: client}, nil
}

// reply is what the receiver said.
type reply struct {
	status      int
	contentType string
	body        []byte
}

// pass sends the body, byte for byte, with the query as it came. Class
// Unavailable where the receiver did not answer in time.
func (f *Forward) pass(ctx context.Context, r *http.Request, body []byte) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	out, err := http.NewRequestWithContext(ctx, http.MethodPost, f.address(r.URL.RawQuery), bytes.NewReader(body))
	if err != nil {
		return reply{}, unanswered()
	}
	for _, name := range []string{"Content-Type", "User-Agent"} {
		if text := r.Header.Get(name); text != "" {
			out.Header.Set(name, text)
		}
	}
	res, err := f.client.Do(out)
	if err != nil {
		return reply{}, unanswered()
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxReply))
	if err != nil {
		return reply{}, unanswered()
	}
	return reply{res.StatusCode, res.Header.Get("Content-Type"), text}, nil
}

// address is where a push goes: the receiver's own query first, WeChat's behind
// it, neither written anew.
func (f *Forward) address(query string) string {
	u := *f.to
	switch {
	case u.RawQuery == "":
		u.RawQuery = query
	case query != "":
		u.RawQuery += "&" + query
	}
	return u.String()
}

// unanswered does not repeat the URL, which may hold a key.
func unanswered() error {
	return &fault.Error{Op: "callback.forward", Class: fault.Unavailable, Message: "the receiver of callback.forward did not answer in time"}
}

// pass passes a push on and answers what its receiver said.
func (c *Callback) pass(w http.ResponseWriter, r *http.Request, account string, f *Forward, body []byte) {
	said, err := f.pass(context.WithoutCancel(r.Context()), r, body)
	if err != nil {
		c.o.Log.Warn("a push could not be passed on; WeChat comes again", slog.String("account", account), slog.Any("error", err))
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	if said.contentType != "" {
		w.Header().Set("Content-Type", said.contentType)
	}
	w.WriteHeader(said.status)
	_, _ = w.Write(said.body)
}
