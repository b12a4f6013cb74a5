package access

import (
	"wxdispatch/internal/metrics"
	"wxdispatch/internal/token"
)

// Tokens are a process's token centres, by account.
type Tokens map[string]*token.Centre

// Lifetimes returns how each account's token stands; an account that has none
// is left out. It asks nobody.
func (t Tokens) Lifetimes() map[string]metrics.Lifetime {
	all := map[string]metrics.Lifetime{}
	for name, centre := range t {
		if age, left := centre.Life(); left > 0 {
			all[name] = metrics.Lifetime{Age: age, Left: left}
		}
	}
	return all
}
