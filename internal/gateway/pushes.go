package gateway

import (
	"context"
	"encoding/json"
	"errors"

	"wxdispatch/internal/api"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/inbox"
	"wxdispatch/internal/registry"
	"wxdispatch/internal/wechat/push"
)

// handed takes pushes that apps received themselves into the inbox.
type handed struct {
	accounts *registry.Registry
	pushes   *Callbacks
}

// Take keeps a push that tells of messages or consents. What is sealed is opened
// with the account's keys.
func (h handed) Take(ctx context.Context, account string, body []byte) (api.PushTaken, error) {
	if _, err := h.accounts.Find(ctx, account); err != nil {
		return api.PushTaken{}, err
	}
	read := push.Decode
	if reader := h.pushes.reader(account); reader != nil {
		read = reader.Read
	}
	p, err := read(body)
	if err != nil {
		return api.PushTaken{}, told(err)
	}
	taken := api.PushTaken{Type: p.Type, Kept: p.Ours()}
	if !taken.Kept {
		return taken, nil
	}
	text, err := json.Marshal(p)
	if err != nil {
		return taken, err
	}
	fate, err := h.pushes.inbox.Put(ctx, account, inbox.Parcel{Body: text})
	if err == nil && fate == inbox.Full {
		err = &fault.Error{Op: "gateway.pushes", Class: fault.Unavailable, Message: "too many pushes wait already; does a worker run for this account?"}
	}
	return taken, err
}

// told makes a mistake of the body out of a refusal.
func told(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return fault.InvalidFields("gateway.pushes", []fault.Field{{Message: f.Message}})
	}
	return err
}
