package wechat

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"

	"wxdispatch/internal/fault"
)

// maxAnswer is the most that is read of an answer; WeChat's longest, a page of
// templates, is far below.
const maxAnswer = 1 << 20

const userAgent = "wxdispatch"

// ask is one HTTP request.
type ask struct {
	op      string // for errors
	method  string
	url     *url.URL
	bearer  string // Authorization, or ""
	body    []byte
	secrets []string // kept out of every error
}

// answer is a whole HTTP answer; what it says is not looked at yet.
type answer struct {
	status int
	after  string // Retry-After
	body   []byte
}

// exchange makes one HTTP call, for c.timeout at most. Its error has class
// unsent or unanswered, and is context.Canceled or DeadlineExceeded too when
// the context was why.
func (c *Client) exchange(ctx context.Context, a ask) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var w wire
	// The transport itself is used, not http.Client: that one follows redirects
	// and puts the URL, token included, into its errors.
	resp, err := c.transport.RoundTrip(a.request(httptrace.WithClientTrace(ctx, w.trace())))
	if err != nil {
		return answer{}, a.lost(w.touched(), err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err == nil && len(body) > maxAnswer {
		err = fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	}
	if err != nil {
		return answer{}, a.lost(true, err)
	}
	return answer{resp.StatusCode, resp.Header.Get("Retry-After"), body}, nil
}

// request builds the request so that net/http cannot repeat it: it has a body,
// also for GET, and no GetBody to get that body again.
func (a ask) request(ctx context.Context) *http.Request {
	r := (&http.Request{
		Method:        a.method,
		URL:           a.url,
		Host:          a.url.Host,
		Header:        http.Header{"User-Agent": {userAgent}, "Accept": {"application/json"}},
		Body:          io.NopCloser(bytes.NewReader(a.body)),
		ContentLength: int64(len(a.body)),
	}).WithContext(ctx)
	if a.method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	if a.bearer != "" {
		r.Header.Set("Authorization", "Bearer "+a.bearer)
	}
	return r
}

// lost is the error of a call that brought no whole answer.
func (a ask) lost(touched bool, cause error) error {
	e := &fault.Error{Op: a.op, Class: fault.Unsent, Message: "nothing was sent: " + redact(cause.Error(), a.secrets...)}
	if touched {
		e.Class = fault.Unanswered
		e.Message = "sent, but no answer came: " + redact(cause.Error(), a.secrets...)
	}
	for _, ended := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(cause, ended) {
			e.Err = ended
		}
	}
	return e
}

// reply reads an answer that must have an errcode. Whoever answers 4xx without
// one stands before WeChat and did not let the request through: class busy.
func (a answer) reply(op string) (Reply, error) {
	reply, err := ParseReply(a.body)
	if err == nil && reply.Coded {
		return reply, nil
	}
	if err == nil {
		err = errors.New("the answer has no errcode")
	}
	return Reply{}, a.strange(op, err)
}

// strange is the error of an answer that is not WeChat's.
func (a answer) strange(op string, why error) error {
	class := fault.Unanswered
	if a.status/100 == 4 {
		class = fault.Busy
	}
	return &fault.Error{Op: op, Class: class, Message: fmt.Sprintf("HTTP %d: %v", a.status, why)}
}
