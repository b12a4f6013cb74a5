package access

import (
	"time"

	"wxdispatch/internal/token"
)

// Tokens are a process's token centres, by account.
type Tokens map[string]*token.Centre

// Lifetimes returns for how long each account's token is good yet; an account
// that has none is left out. It asks nobody.
func (t Tokens) Lifetimes() map[string]time.Duration {
	left := map[string]time.Duration{}
	for name, centre := range t {
		if d := centre.Left(); d > 0 {
			left[name] = d
		}
	}
	return left
}
