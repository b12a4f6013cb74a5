package wechat

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"wxdispatch/internal/fault"
)

// problem is the error of an answer without a token and without an errcode of
// WeChat's. Another wxdispatch says in a shape of its own why it has none, with
// the errcode that WeChat gave it: what that means there it means here.
func (a answer) problem(secrets []string) error {
	var told struct {
		Error struct {
			Message string `json:"message"`
			Code    int    `json:"errcode"`
			RID     string `json:"rid"`
		} `json:"error"`
	}
	if json.Unmarshal(a.body, &told) != nil || told.Error.Message == "" {
		return a.strange(opToken, errors.New("no token, and no errcode either"))
	}
	words := cut(redact(told.Error.Message, secrets...), maxWords)
	rest := a.retryAfter()
	switch {
	case told.Error.Code != 0:
		err := refusal(Reply{Code: told.Error.Code, Message: words, RID: told.Error.RID}, nil)
		var known *fault.Error
		if errors.As(err, &known) {
			known.Message, known.RetryAfter = "the token source says: "+words, rest
		}
		return err
	case keyRefused(a.status):
		return &fault.Error{Op: opToken, Class: fault.Account, Message: fmt.Sprintf(
			"the token source answered HTTP %d: %s; check token_source's url and key", a.status, words)}
	case a.status == http.StatusUnprocessableEntity:
		return &fault.Error{Op: opToken, Class: fault.Account, Message: "the token source does not take the call: " + words}
	}
	return &fault.Error{Op: opToken, Class: fault.Busy, RetryAfter: rest,
		Message: fmt.Sprintf("the token source answered HTTP %d: %s", a.status, words)}
}

// longestRest is the most that a Retry-After is believed.
const longestRest = 30 * time.Minute

// retryAfter is when the answer asks to come back, in whole seconds; 0 when it
// does not say.
func (a answer) retryAfter() time.Duration {
	seconds, err := strconv.Atoi(strings.TrimSpace(a.after))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(min(seconds, 1<<20))*time.Second, longestRest)
}
