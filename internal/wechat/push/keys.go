package push

import (
	"encoding/base64"

	"wxdispatch/internal/fault"
)

// keyLength is WeChat's EncodingAESKey: 32 bytes in base64 without padding. The
// last character may carry bits that belong to no byte.
const keyLength = 43

// Secrets are what an account's pushes are checked and opened with. The
// previous ones are as good while the console is being changed.
type Secrets struct {
	AppID                  string
	Token, PreviousToken   string
	AESKey, PreviousAESKey string // 43 characters; both empty: plain mode
}

// Account opens the pushes of one account. It is safe for concurrent use.
type Account struct {
	appID  string
	tokens []string
	keys   [][]byte // 32 bytes each
}

// NewAccount makes an account. Class Invalid where there is no token, or a key
// is none.
func NewAccount(s Secrets) (*Account, error) {
	a := &Account{appID: s.AppID}
	for _, token := range []string{s.Token, s.PreviousToken} {
		if token != "" {
			a.tokens = append(a.tokens, token)
		}
	}
	if len(a.tokens) == 0 {
		return nil, &fault.Error{Op: "push.account", Class: fault.Invalid, Message: "callback.token is empty; copy it from WeChat's console"}
	}
	for _, text := range []string{s.AESKey, s.PreviousAESKey} {
		if text == "" {
			continue
		}
		key, err := readKey(text)
		if err != nil {
			return nil, err
		}
		a.keys = append(a.keys, key)
	}
	return a, nil
}

// readKey decodes an EncodingAESKey. Go's lenient decoder does not look at the
// spare bits of the last character.
func readKey(text string) ([]byte, error) {
	if len(text) == keyLength {
		if key, err := base64.StdEncoding.DecodeString(text + "="); err == nil {
			return key, nil
		}
	}
	return nil, &fault.Error{Op: "push.account", Class: fault.Invalid,
		Message: "aes_key is not WeChat's EncodingAESKey: 43 letters and digits; copy it from its console"}
}
