package api

import (
	"context"
	"fmt"
	"slices"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

// Changed is a message that somebody stopped, resolved or sent again.
type Changed struct {
	ID      string        `json:"id"`
	Account string        `json:"account"`
	State   message.State `json:"state,omitempty"` // where it stands now
	Error   *Detail       `json:"error,omitempty"` // of one of many: why nothing was done
}

// ResolveOrder is the body of …/resolve.
type ResolveOrder struct {
	How ledger.Resolution `json:"how"` // sent, resend or drop
}

// cancel stops a message that was not sent yet, also one that waits for its
// send_at.
func (a *API) cancel(c *call) (answer, error) {
	return a.change(c, a.Changes.Cancel)
}

// resolve ends a doubt, in the name of the key.
func (a *API) resolve(c *call) (answer, error) {
	body, err := readBody(c)
	if err != nil {
		return answer{}, err
	}
	var o ResolveOrder
	if err := strict(body, &o); err != nil {
		return answer{}, err
	}
	ways := []ledger.Resolution{ledger.Sent, ledger.Resend, ledger.Drop}
	if !slices.Contains(ways, o.How) {
		return answer{}, fault.InvalidFields("api.resolve", []fault.Field{{Path: "how", Message: fmt.Sprintf(
			"found %q; allowed are sent (it arrived), resend (it did not, so it is sent again) and drop (leave it)", o.How)}})
	}
	return a.change(c, func(ctx context.Context, account, id string) (message.State, error) {
		return a.Changes.Resolve(ctx, account, id, o.How, c.key.name)
	})
}

// change does something to the path's message and answers where it stands.
func (a *API) change(c *call, do func(ctx context.Context, account, id string) (message.State, error)) (answer, error) {
	account, id, err := pathMessage(c)
	if err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	state, err := do(ctx, account, id)
	if err != nil {
		return answer{}, err
	}
	return ok(Changed{ID: id, Account: account, State: state}), nil
}
