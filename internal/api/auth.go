package api

import (
	"fmt"
	"net/http"
	"strings"
)

// admit finds out who calls, and refuses who may not: 401 without a good key,
// 403 with one that is not for this. An account in the path is judged here,
// one in a body by who reads it.
func (a *API) admit(c *call, need Scope) error {
	if need == Open || need == Metrics && a.OpenMetrics {
		return nil
	}
	text, given := bearer(c.Header.Get("Authorization"))
	if !given {
		return unauthorized(`Bearer realm="wxdispatch"`, "no key was given; send Authorization: Bearer KEY, with a key of api.keys")
	}
	if c.key = a.keys.find(text); c.key == nil {
		return unauthorized(`Bearer realm="wxdispatch", error="invalid_token"`, "this key is not known here; send one of api.keys")
	}
	if !c.key.may(need) {
		return forbidden("the key %s lacks the scope %s; add it to api.keys.%s.scopes, or use another key", c.key.name, need, c.key.name)
	}
	if account := c.PathValue("account"); account != "" {
		return c.admitTo(account)
	}
	return nil
}

// admitTo refuses a key that is not for this account. Whether the account
// exists is not told to it.
func (c *call) admitTo(account string) error {
	if c.key.sees(account) {
		return nil
	}
	return forbidden("the key %s is not for account %s; add it to api.keys.%s.accounts, or use another key", c.key.name, account, c.key.name)
}

// bearer takes the key out of an Authorization header.
func bearer(header string) (text string, ok bool) {
	scheme, text, _ := strings.Cut(header, " ")
	text = strings.TrimSpace(text)
	return text, strings.EqualFold(scheme, "Bearer") && text != ""
}

func unauthorized(challenge, words string) error {
	return &refusal{status: http.StatusUnauthorized, code: codeUnauthorized, message: words,
		header: "WWW-Authenticate", value: challenge}
}

func forbidden(format string, args ...any) error {
	return &refusal{status: http.StatusForbidden, code: codeForbidden, message: fmt.Sprintf(format, args...)}
}
