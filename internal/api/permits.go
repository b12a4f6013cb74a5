package api

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/permit"
)

// addPermit takes one permit in that the app collected.
func (a *API) addPermit(c *call) (answer, error) {
	body, err := readBody(c)
	if err != nil {
		return answer{}, err
	}
	grant, err := permit.Decode(body)
	if err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	account := c.PathValue("account")
	granted, err := a.Permits.Add(ctx, account, grant)
	if err != nil {
		return answer{}, err
	}
	if granted.Known {
		return ok(granted), nil
	}
	return answer{status: http.StatusCreated, body: granted, location: permitsPath(account, granted.OpenID)}, nil
}

// listPermits tells what is left to a user.
func (a *API) listPermits(c *call) (answer, error) {
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	openid := c.PathValue("openid")
	standing, err := a.Permits.List(ctx, c.PathValue("account"), openid)
	if err != nil {
		return answer{}, err
	}
	return ok(permit.BalanceOf(openid, standing)), nil
}

// removePermit takes back what the query names.
func (a *API) removePermit(c *call) (answer, error) {
	grant, err := queried(c.URL.RawQuery)
	if err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	grant.OpenID = c.PathValue("openid")
	removed, err := a.Permits.Remove(ctx, c.PathValue("account"), grant)
	if err != nil {
		return answer{}, err
	}
	return ok(removed), nil
}

// queried reads which permit a query names. A name that nobody knows is a
// mistake: without its count a removal would be of all.
func queried(raw string) (permit.Grant, error) {
	grant, wrong := permit.Grant{}, []fault.Field(nil)
	complain := func(name, words string) { wrong = append(wrong, fault.Field{Path: name, Message: words}) }
	query, err := url.ParseQuery(raw)
	if err != nil {
		complain("", "the query cannot be read; write each special character as %XX")
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		values, text := query[name], query[name][0]
		switch {
		case len(values) > 1:
			complain(name, "stands more than once; keep one of them")
		case text == "":
			complain(name, "is empty; leave it out, or give a value")
		case name == "code":
			grant.Code = text
		case name == "template_id":
			grant.Template = text
		case name == "count":
			count, err := strconv.Atoi(text)
			if err != nil || count < 1 {
				complain(name, "is no whole number from 1; leave it out to remove all consents of the template")
			}
			grant.Count = count
		default:
			complain(name, "nobody knows it; known here are code, template_id and count")
		}
	}
	return grant, fault.InvalidFields("api.permits", wrong)
}

func permitsPath(account, openid string) string {
	return "/api/v1/accounts/" + url.PathEscape(account) + "/permits/" + url.PathEscape(openid)
}
