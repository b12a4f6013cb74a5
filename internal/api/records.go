package api

import (
	"context"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// record tells where one message stands.
func (a *API) record(c *call) (answer, error) {
	account, id, err := pathMessage(c)
	if err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	record, err := a.Records.Status(ctx, account, id)
	if err != nil {
		return answer{}, err
	}
	return ok(record), nil
}

// pathMessage is the message that the path names; class NotFound where none can
// have that name.
func pathMessage(c *call) (account, id string, err error) {
	account, id = c.PathValue("account"), c.PathValue("id")
	if !message.ValidAccount(account) || !message.ValidID(id) {
		err = &fault.Error{Op: "api.record", Class: fault.NotFound,
			Message: "no message can have this name; an account has 1 to 32 of a-z0-9-, an id 1 to 64 of A-Za-z0-9_.:-"}
	}
	return account, id, err
}
