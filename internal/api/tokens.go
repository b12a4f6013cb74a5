package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"wxdispatch/internal/fault"
)

// fetching is how long a call waits for a token that has to be fetched first:
// what asks may be another token centre, whose own patience is 5 s.
const fetching = 4 * time.Second

// token hands the account's access_token out.
func (a *API) token(c *call) (answer, error) {
	ctx, cancel := context.WithTimeout(c.Context(), fetching)
	defer cancel()
	account := c.PathValue("account")
	t, err := a.Tokens.Token(ctx, account)
	return a.handedOut(c, account, "token handed out", t, err)
}

// refreshToken replaces a token that failed, if nobody has yet.
func (a *API) refreshToken(c *call) (answer, error) {
	body, err := readBody(c)
	if err != nil {
		return answer{}, err
	}
	stale, err := readStale(body)
	if err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(c.Context(), fetching)
	defer cancel()
	account := c.PathValue("account")
	t, err := a.Tokens.Refresh(ctx, account, stale)
	return a.handedOut(c, account, "token handed out after a refusal", t, err)
}

// handedOut notes who was given a token; the token itself stands in the answer
// alone.
func (a *API) handedOut(c *call, account, what string, t AccessToken, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	a.Log.Info(what, slog.String("key", c.key.name), slog.String("account", account),
		slog.String("request", c.id), slog.Int("expires_in", t.ExpiresIn))
	return ok(t), nil
}

// longestToken is the most bytes of a token that is named stale; WeChat asks
// for room for 512.
const longestToken = 4096

// readStale reads {"stale": "…"}. Its errors never repeat what was sent.
func readStale(body []byte) (string, error) {
	wrong := func(path, words string) (string, error) {
		return "", fault.InvalidFields("api.token", []fault.Field{{Path: path, Message: words}})
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil || fields == nil {
		return wrong("", `the body is no JSON object; send {"stale": "the token that failed"}`)
	}
	var stale string
	raw, given := fields["stale"]
	switch {
	case !given:
		return wrong("stale", "is missing; send the token that WeChat refused, or GET the token where none was")
	case len(fields) > 1:
		return wrong("", "there are other fields than stale; send that one alone")
	case json.Unmarshal(raw, &stale) != nil || stale == "":
		return wrong("stale", "is no text, or empty; send the token that WeChat refused")
	case len(stale) > longestToken:
		return wrong("stale", "is longer than any access_token; send the token that WeChat refused, and nothing else")
	}
	return stale, nil
}
