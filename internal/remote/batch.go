package remote

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/message"
)

const batchOp = "remote.batch"

// line is what became of one message of a batch, as the API writes it.
type line struct {
	taken
	Error *detail `json:"error"`
}

// TakeMany hands messages over in one call and answers each, in order, as Take
// would. Where the answer breaks off, the rest is class Unavailable: undecided,
// each with its id. The call may take longer than any other as long as answers
// keep coming.
func (r *Remote) TakeMany(ctx context.Context, messages []*message.Message) []intake.Outcome {
	outcomes := make([]intake.Outcome, len(messages))
	var asked []*intake.Outcome // those that are part of the call
	var body bytes.Buffer
	for i, m := range messages {
		o := &outcomes[i]
		o.Result = intake.Result{ID: m.ID, Account: m.Account, Warnings: m.Warnings}
		if m, o.Err = named(m); o.Err != nil {
			continue
		}
		o.ID = m.ID
		body.Write(m.Raw)
		body.WriteByte('\n')
		asked = append(asked, o)
	}
	if len(asked) == 0 {
		return outcomes
	}
	n, err := r.answers(ctx, body.Bytes(), asked)
	for _, o := range asked[n:] {
		o.Err = err
	}
	return outcomes
}

// answers makes the call and reads how many of asked it answered; the error is
// why the others were not.
func (r *Remote) answers(ctx context.Context, body []byte, asked []*intake.Outcome) (int, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	patience := time.AfterFunc(r.timeout, func() { cancel(context.DeadlineExceeded) })
	defer patience.Stop()
	response, err := r.open(ctx, call{op: batchOp, method: http.MethodPost, path: "/api/v1/messages/batch", body: body,
		kind: "application/x-ndjson", again: true})
	if err != nil {
		return 0, err
	}
	defer done(response)
	lines := bufio.NewReaderSize(response.Body, mostProblem)
	for n, o := range asked {
		text, err := lines.ReadSlice('\n')
		switch {
		case err == io.EOF:
			return n, r.unreached(batchOp, errors.New("the answer ended before its last message"))
		case err != nil:
			return n, r.unreached(batchOp, whyEnded(ctx, err))
		}
		patience.Reset(r.timeout)
		if err := r.answer(o, text); err != nil {
			return n, err
		}
	}
	return len(asked), nil
}

// answer reads what became of one message; an error is a line that is not its.
func (r *Remote) answer(o *intake.Outcome, text []byte) error {
	var l line
	if err := json.Unmarshal(text, &l); err != nil || l.ID != o.ID || l.Error == nil && l.State == "" {
		return r.garbled(batchOp)
	}
	if l.Error == nil {
		o.Result = intake.Result(l.taken)
		return nil
	}
	f := l.Error.fault(batchOp)
	if f == nil {
		return r.garbled(batchOp)
	}
	if f.Class == fault.Unavailable {
		f.RetryAfter = comeBack
	}
	o.Err = unknownAccount(f)
	return nil
}

// garbled is an answer in which something else stands than belongs there.
func (r *Remote) garbled(op string) error {
	return &fault.Error{Op: op, Class: fault.Unavailable, RetryAfter: comeBack,
		Message: r.base.Host + " answered something else than was asked; is the address that of wxdispatch?"}
}

// whyEnded prefers what ended the context to what that broke.
func whyEnded(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}
