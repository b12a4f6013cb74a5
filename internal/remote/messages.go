package remote

import (
	"context"
	"errors"
	"net/http"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/message"
)

const takeOp = "remote.take"

// taken is what became of a message, as the API writes it.
type taken struct {
	ID        string        `json:"id"`
	Account   string        `json:"account"`
	State     message.State `json:"state"`
	Duplicate bool          `json:"duplicate"`
	Warnings  []fault.Field `json:"warnings"`
}

// Take hands a message over, as intake.Intake does; errors as there, and class
// Denied. The Result's id is set beside errors, too: a message that has none is
// named here, so that one whose answer was lost can be handed over again.
func (r *Remote) Take(ctx context.Context, m *message.Message) (intake.Result, error) {
	result := intake.Result{ID: m.ID, Account: m.Account, Warnings: m.Warnings}
	m, err := named(m)
	if err != nil {
		return result, err
	}
	result.ID = m.ID
	var t taken
	if err := r.do(ctx, call{op: takeOp, method: http.MethodPost, path: "/api/v1/messages", body: m.Raw, trace: m.Trace, again: true}, &t); err != nil {
		return result, unknownAccount(err)
	}
	if t.ID != m.ID || t.State == "" {
		return result, r.garbled(takeOp)
	}
	return intake.Result(t), nil
}

// named gives a message without an id one.
func named(m *message.Message) (*message.Message, error) {
	if m.ID != "" {
		return m, nil
	}
	return m.WithID(intake.ULID())
}

// unknownAccount turns what the API says of an account that nobody knows, which
// is a mistake in what was posted there, back into class NotFound. A decoded
// message has no other mistake in its account.
func unknownAccount(err error) error {
	var f *fault.Error
	if errors.As(err, &f) && f.Class == fault.Invalid && len(f.Fields) == 1 && f.Fields[0].Path == "account" {
		return &fault.Error{Op: f.Op, Class: fault.NotFound, Message: f.Fields[0].Message}
	}
	return err
}
