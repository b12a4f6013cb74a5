package api

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// suppress keeps everything, or one template, from a user.
func (a *API) suppress(c *call) (answer, error) {
	body, err := readBody(c)
	if err != nil {
		return answer{}, err
	}
	s, err := message.DecodeSuppression(body)
	if err != nil {
		return answer{}, err
	}
	s.OpenID = c.PathValue("openid")
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	if err := a.Suppressions.Suppress(ctx, c.PathValue("account"), s); err != nil {
		return answer{}, err
	}
	return a.suppressed(ctx, c)
}

// listSuppressions tells what a user wants no more.
func (a *API) listSuppressions(c *call) (answer, error) {
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	return a.suppressed(ctx, c)
}

// liftSuppression lets a template through again, or ends what keeps everything.
func (a *API) liftSuppression(c *call) (answer, error) {
	template, err := queriedTemplate(c.URL.RawQuery)
	if err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	if err := a.Suppressions.Lift(ctx, c.PathValue("account"), c.PathValue("openid"), template); err != nil {
		return answer{}, err
	}
	return a.suppressed(ctx, c)
}

// suppressed answers what holds now.
func (a *API) suppressed(ctx context.Context, c *call) (answer, error) {
	openid := c.PathValue("openid")
	list, err := a.Suppressions.List(ctx, c.PathValue("account"), openid)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK, body: message.SuppressionsOf(openid, list)}, nil
}

// queriedTemplate reads template_id, the only thing that a query may name; "" is
// everything.
func queriedTemplate(raw string) (string, error) {
	query, err := url.ParseQuery(raw)
	var wrong []fault.Field
	if err != nil {
		wrong = append(wrong, fault.Field{Message: "the query cannot be read; write each special character as %XX"})
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if name != "template_id" || len(query[name]) > 1 || query[name][0] == "" {
			wrong = append(wrong, fault.Field{Path: name, Message: "known here is one template_id that is not empty; leave it out to lift what keeps everything"})
		}
	}
	return query.Get("template_id"), fault.InvalidFields("api.suppressions", wrong)
}
