package wechat

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"wxdispatch/internal/fault"
)

// Token is an access_token. It never prints its value.
type Token struct {
	Value     string
	ExpiresIn time.Duration // from the answer on
}

// maxToken is the longest access_token in bytes that is taken; WeChat asks for
// room for 512. A longer one would burst the write buffer.
const maxToken = 4096

const opToken = "wechat.token"

// FetchToken gets an access_token by one call, for Options.Timeout at most. Its
// error has the class of WeChat's code, except that a refused credential is
// class account here, and unsent, unanswered or busy as in Post.
func (c *Client) FetchToken(ctx context.Context, g Grant) (Token, error) {
	a, err := c.ask(g)
	if err != nil {
		return Token{}, err
	}
	got, err := c.exchange(ctx, a)
	if err != nil {
		return Token{}, err
	}
	if g.Mode == External && keyRefused(got.status) {
		return Token{}, &fault.Error{Op: opToken, Class: fault.Account,
			Message: fmt.Sprintf("the token source answered HTTP %d; check token_source's url and key", got.status)}
	}
	return got.token(a.secrets)
}

// keyRefused tells the answers of an external source that only a person can
// mend.
func keyRefused(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusNotFound
}

// token reads {access_token, expires_in}, or WeChat's error.
func (a answer) token(secrets []string) (Token, error) {
	reply, err := ParseReply(a.body)
	if err != nil {
		return Token{}, a.strange(opToken, err)
	}
	if reply.Code != 0 {
		return Token{}, refusal(reply, secrets)
	}
	if a.status/100 != 2 {
		return Token{}, a.strange(opToken, fmt.Errorf("no token, and no errcode either"))
	}
	var good struct {
		Value   json.RawMessage `json:"access_token"`
		Expires json.RawMessage `json:"expires_in"`
	}
	if err := json.Unmarshal(a.body, &good); err != nil {
		return Token{}, a.strange(opToken, errNoObject)
	}
	value := text(good.Value)
	if value == "" || len(value) > maxToken {
		return Token{}, a.strange(opToken, fmt.Errorf("access_token has %d bytes; 1 to %d are allowed", len(value), maxToken))
	}
	seconds, err := strconv.Atoi(unquote(good.Expires))
	if err != nil || seconds <= 0 || seconds > math.MaxInt32 {
		return Token{}, a.strange(opToken, fmt.Errorf("expires_in is no whole number of seconds above 0"))
	}
	return Token{Value: value, ExpiresIn: time.Duration(seconds) * time.Second}, nil
}

// refusal is WeChat's refusal of a token. What is class token elsewhere
// (40001 above all) is a wrong appid or secret here: the account's trouble.
func refusal(r Reply, secrets []string) error {
	class := Lookup(r.Code).Class
	words := redact(r.Message, secrets...)
	if class == fault.Token {
		class = fault.Account
		words += "; check the account's appid and secret"
	}
	return &fault.Error{Op: opToken, Class: class, Code: r.Code, Message: words, RID: r.RID}
}
