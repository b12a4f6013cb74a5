package remote

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
)

const permitOp = "remote.permit"

// Permits are the users' permits at the other end.
type Permits struct{ *Remote }

// grant is a permit as the API reads it.
type grant struct {
	OpenID   string             `json:"openid"`
	Type     message.PermitType `json:"type,omitempty"`
	Code     string             `json:"code,omitempty"`
	Template string             `json:"template_id,omitempty"`
	Count    int                `json:"count,omitempty"`
	IssuedAt time.Time          `json:"issued_at,omitzero"`
}

// granted is what became of one, as the API writes it.
type granted struct {
	OpenID    string             `json:"openid"`
	Type      message.PermitType `json:"type"`
	Code      string             `json:"code"`
	Template  string             `json:"template_id"`
	Left      int                `json:"left"`
	ExpiresAt time.Time          `json:"expires_at"`
	Known     bool               `json:"known"`
}

// removed is a permit that was taken back, as the API writes it.
type removed struct {
	OpenID   string `json:"openid"`
	Code     string `json:"code"`
	Template string `json:"template_id"`
	Lost     int    `json:"lost"`
	Left     int    `json:"left"`
}

// AddMany takes permits in, a call each, as intake.Pool does. With any class but
// Invalid the results end where it came to, and what follows was not tried, but
// for the first of it, which with class Unavailable may have been taken in.
func (p Permits) AddMany(ctx context.Context, name string, grants []permit.Grant) ([]intake.GrantResult, error) {
	results := make([]intake.GrantResult, 0, len(grants))
	for _, g := range grants {
		done, err := p.add(ctx, name, g)
		if err != nil && !fault.Is(err, fault.Invalid) {
			return results, err
		}
		results = append(results, intake.GrantResult{Granted: done, Err: err})
	}
	return results, nil
}

func (p Permits) add(ctx context.Context, name string, g permit.Grant) (intake.Granted, error) {
	body, err := json.Marshal(grant(g))
	if err != nil {
		return intake.Granted{}, &fault.Error{Op: permitOp, Class: fault.Invalid, Message: "the permit cannot be written as JSON", Err: err}
	}
	var answer granted
	err = p.do(ctx, call{op: permitOp, method: http.MethodPost, path: account(name, "permits"), body: body}, &answer)
	if err != nil {
		return intake.Granted{OpenID: g.OpenID, Type: g.Type, Code: g.Code, Template: g.Template}, err
	}
	return intake.Granted(answer), nil
}

// List tells what is left to a user, as intake.Pool does.
func (p Permits) List(ctx context.Context, name, openid string) ([]permit.Standing, error) {
	if err := user(permitOp, openid); err != nil {
		return nil, err
	}
	var balance permit.Balance
	if err := p.do(ctx, call{op: permitOp, method: http.MethodGet, path: account(name, "permits", openid)}, &balance); err != nil {
		return nil, err
	}
	var all []permit.Standing
	for _, line := range balance.Permits {
		s := permit.Standing{Type: line.Type, Code: line.Code, Template: line.Template, Left: line.Left}
		if line.ExpiresAt != nil {
			s.ExpiresAt = *line.ExpiresAt
		}
		all = append(all, s)
	}
	return all, nil
}

// Remove takes a permit back, as intake.Pool does.
func (p Permits) Remove(ctx context.Context, name string, g permit.Grant) (intake.Removed, error) {
	if err := user(permitOp, g.OpenID); err != nil {
		return intake.Removed{}, err
	}
	if g.Count < 0 { // the query cannot say that, and without it all would go
		return intake.Removed{}, fault.InvalidFields(permitOp, []fault.Field{{Path: "count", Message: "found " + strconv.Itoa(g.Count) + "; allowed are 1 and more, or 0 for all"}})
	}
	query := url.Values{}
	set(query, "code", g.Code)
	set(query, "template_id", g.Template)
	if g.Count > 0 {
		query.Set("count", strconv.Itoa(g.Count))
	}
	var answer removed
	err := p.do(ctx, call{op: permitOp, method: http.MethodDelete, path: account(name, "permits", g.OpenID), query: query}, &answer)
	if err != nil {
		return intake.Removed{OpenID: g.OpenID, Code: g.Code, Template: g.Template}, err
	}
	return intake.Removed(answer), nil
}

// set names a value in a query; the API takes no empty one.
func set(query url.Values, name, value string) {
	if value != "" {
		query.Set(name, value)
	}
}

// user refuses what cannot be an openid: as a part of an address it would lead
// elsewhere.
func user(op, openid string) error {
	if words := message.TokenComplaint(openid); words != "" {
		return fault.InvalidFields(op, []fault.Field{{Path: "openid", Message: words}})
	}
	return nil
}
