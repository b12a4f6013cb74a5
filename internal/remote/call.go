package remote

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// mostAnswer is how much of one answer is read: a page of records is well below.
const mostAnswer = 16 << 20

// call is one call of the API.
type call struct {
	op     string // for errors
	method string
	path   string
	query  url.Values
	body   []byte // JSON; nil: none
	kind   string // of the body; "": application/json
	trace  string // the traceparent that it carries on; "": none
	// again tells that the call may be made twice, so that net/http may repeat
	// it on another connection when the one at hand was closed meanwhile.
	again bool
}

// do makes the call and reads its answer into into.
func (r *Remote) do(ctx context.Context, c call, into any) error {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	response, err := r.open(ctx, c)
	if err != nil {
		return err
	}
	defer done(response)
	text, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer+1))
	switch {
	case err != nil:
		return r.unreached(c.op, whyEnded(ctx, err))
	case len(text) > mostAnswer:
		return r.strange(c.op, response, errors.New("it is longer than any answer"))
	}
	if err := json.Unmarshal(text, into); err != nil {
		return r.strange(c.op, response, errors.New("it is not the JSON that this call answers"))
	}
	return nil
}

// open makes the call and returns a good answer, whose body must be done with;
// any other is an error.
func (r *Remote) open(ctx context.Context, c call) (*http.Response, error) {
	at := *r.base
	at.RawPath, at.RawQuery = at.EscapedPath()+c.path, c.query.Encode()
	at.Path, _ = url.PathUnescape(at.RawPath) // path made it
	request, err := http.NewRequestWithContext(ctx, c.method, at.String(), bytes.NewReader(c.body))
	if err != nil {
		return nil, r.unreached(c.op, err)
	}
	r.sign(request.Header)
	if c.body != nil {
		request.Header.Set("Content-Type", cmp.Or(c.kind, "application/json"))
	}
	if message.ValidTrace(c.trace) {
		request.Header.Set("traceparent", c.trace)
	}
	if c.again {
		request.Header["X-Idempotency-Key"] = nil // tells net/http, not the server
	}
	response, err := r.client.Do(request)
	if err != nil {
		return nil, r.unreached(c.op, whyEnded(ctx, err))
	}
	if response.StatusCode/100 != 2 {
		defer done(response)
		return nil, r.refused(c.op, response)
	}
	return response, nil
}

// done reads what little is left, so that the connection is used again.
func done(response *http.Response) {
	_, _ = io.CopyN(io.Discard, response.Body, 64<<10)
	_ = response.Body.Close()
}

// strange is an answer that wxdispatch does not give: another server's, or one
// that broke off. What became of the call is not known.
func (r *Remote) strange(op string, response *http.Response, why error) error {
	return &fault.Error{Op: op, Class: fault.Unavailable, RetryAfter: comeBack, Err: why,
		Message: fmt.Sprintf("%s answered %d, which is no answer of wxdispatch's; is the address right?", r.base.Host, response.StatusCode)}
}
