package worker

import "wxdispatch/internal/access"

// tokens are the token centres of all accounts.
func (w *Worker) tokens() access.Tokens {
	all := access.Tokens{}
	for _, a := range w.accounts {
		all[a.name] = a.tokens
	}
	return all
}
