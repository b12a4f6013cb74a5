package remote

import (
	"context"
	"encoding/json"
	"net/http"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

// changed is a message that somebody stopped, resolved or sent again, as the API
// writes it.
type changed struct {
	ID    string        `json:"id"`
	State message.State `json:"state"`
	Error *detail       `json:"error"`
}

// replayed is what became of a replay, as the API writes it.
type replayed struct {
	Results []changed `json:"results"`
}

// Cancel stops a message, as intake.Canceller does.
func (r *Remote) Cancel(ctx context.Context, name, id string) (message.State, error) {
	return r.change(ctx, name, id, call{op: "remote.cancel", method: http.MethodDelete, path: account(name, "messages", id)})
}

// Resolve ends a doubt, as intake.Resolver does, in the name of the key.
func (r *Remote) Resolve(ctx context.Context, name, id string, how ledger.Resolution) (message.State, error) {
	body, err := json.Marshal(map[string]ledger.Resolution{"how": how})
	if err != nil {
		return "", &fault.Error{Op: "remote.resolve", Class: fault.Invalid, Message: "this is no way to end a doubt", Err: err}
	}
	return r.change(ctx, name, id, call{op: "remote.resolve", method: http.MethodPost, path: account(name, "messages", id, "resolve"), body: body})
}

// change does something to a message. Where the API refuses because of its
// state, that is asked for.
func (r *Remote) change(ctx context.Context, name, id string, c call) (message.State, error) {
	if err := nameable(c.op, name, id); err != nil {
		return "", err
	}
	var done changed
	err := r.do(ctx, c, &done)
	if fault.Is(err, fault.Conflict) {
		if record, asked := r.Status(ctx, name, id); asked == nil {
			return record.State, err
		}
	}
	return done.State, err
}

// Replay sends a bad end again, as intake.Replayer does.
func (r *Remote) Replay(ctx context.Context, name, id string) (message.State, error) {
	const op = "remote.replay"
	if err := nameable(op, name, id); err != nil {
		return "", err
	}
	body, err := json.Marshal(map[string][]string{"ids": {id}})
	if err != nil {
		return "", &fault.Error{Op: op, Class: fault.Invalid, Message: "this is no id", Err: err}
	}
	var done replayed
	if err := r.do(ctx, call{op: op, method: http.MethodPost, path: account(name, "replay"), body: body}, &done); err != nil {
		return "", err
	}
	if len(done.Results) != 1 || done.Results[0].ID != id {
		return "", r.garbled(op)
	}
	one := done.Results[0]
	if one.Error == nil {
		return one.State, nil
	}
	if f := one.Error.fault(op); f != nil {
		return one.State, f
	}
	return one.State, r.garbled(op)
}
