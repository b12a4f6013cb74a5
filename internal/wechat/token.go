package wechat

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
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
	t, err := got.token(a.secrets)
	if g.Mode == External && keyRefused(got.status) && fault.ClassOf(err) != fault.Account {
		return Token{}, &fault.Error{Op: opToken, Class: fault.Account,
			Message: fmt.Sprintf("the token source answered HTTP %d; check token_source's url and key", got.status)}
	}
	return t, err
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
		return Token{}, a.problem(secrets)
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
	if class == fault.Token {
		class = fault.Account
	}
	words := redact(r.Message, secrets...)
	if do := mend[r.Code]; do != "" {
		words = strings.TrimPrefix(words+"; "+do, "; ")
	}
	return &fault.Error{Op: opToken, Class: class, Code: r.Code, Message: words, RID: r.RID}
}

const (
	mendSecret    = "check the account's appid and secret"
	mendWhitelist = "add the address to the account's whitelist in WeChat's console"
	mendGrant     = "the account's authorisation of the third party is gone: authorise again"
	mendConfirm   = "an administrator of the account has to confirm the address in WeChat"
)

// AddressRefused tells the errcodes of a token's fetch that are about the
// address of the machine that asks: another one may have better luck.
func AddressRefused(code int) bool {
	switch code {
	case 40164, 45035, 61004, 89501, 89502, 89503, 89504, 89505, 89506, 89507:
		return true
	}
	return false
}

// mend is what an operator does about a token that WeChat refuses to give; its
// own words stand before it.
var mend = map[int]string{
	40001: mendSecret, 40014: mendSecret, 42001: mendSecret, 41001: mendSecret,
	40013: mendSecret, 40125: mendSecret, 41002: mendSecret, 41004: mendSecret,
	40243: "the secret is frozen: unfreeze it in WeChat's console",
	40164: mendWhitelist, 45035: mendWhitelist, 61004: mendWhitelist,
	42007: mendGrant, 61003: mendGrant, 61023: mendGrant,
	89501: mendConfirm, 89502: mendConfirm, 89503: mendConfirm, 89504: mendConfirm, 89505: mendConfirm,
	45009: "the day's fetches are used up: find out which other program fetches this account's token",
	50004: "the account is punished: read the notices in WeChat's console",
	50007: "the account is frozen: read the notices in WeChat's console",
}
