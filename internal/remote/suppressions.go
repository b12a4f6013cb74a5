package remote

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

const suppressOp = "remote.suppress"

// Wishes are what users want no more, at the other end.
type Wishes struct{ *Remote }

// Suppress keeps messages from a user, as intake.Suppressor does.
func (w Wishes) Suppress(ctx context.Context, name string, s message.Suppression) error {
	order := struct {
		Template string    `json:"template_id,omitempty"`
		Until    time.Time `json:"until,omitzero"`
	}{s.Template, s.Until}
	body, err := json.Marshal(order)
	if err != nil {
		return &fault.Error{Op: suppressOp, Class: fault.Invalid, Message: "the suppression cannot be written as JSON", Err: err}
	}
	_, err = w.call(ctx, name, s.OpenID, call{method: http.MethodPut, body: body})
	return err
}

// Lift lets messages through again, as intake.Suppressor does.
func (w Wishes) Lift(ctx context.Context, name, openid, template string) error {
	query := url.Values{}
	set(query, "template_id", template)
	_, err := w.call(ctx, name, openid, call{method: http.MethodDelete, query: query})
	return err
}

// List tells what holds now, as intake.Suppressor does.
func (w Wishes) List(ctx context.Context, name, openid string) ([]message.Suppression, error) {
	list, err := w.call(ctx, name, openid, call{method: http.MethodGet})
	if err != nil {
		return nil, err
	}
	var all []message.Suppression
	for _, line := range list.Suppressions {
		s := message.Suppression{OpenID: list.OpenID, Template: line.Template, By: line.By}
		if line.Until != nil {
			s.Until = *line.Until
		}
		all = append(all, s)
	}
	return all, nil
}

// call is one of the three; each answers what holds then.
func (w Wishes) call(ctx context.Context, name, openid string, c call) (list message.SuppressionList, err error) {
	c.op, c.path = suppressOp, account(name, "suppressions", openid)
	if err = user(c.op, openid); err == nil {
		err = w.do(ctx, c, &list)
	}
	return list, err
}
