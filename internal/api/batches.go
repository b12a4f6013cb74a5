package api

import (
	"context"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/standing"
)

// BatchList is an account's batches, the oldest first.
type BatchList struct {
	Batches []standing.Batch `json:"batches"`
}

func (a *API) listBatches(c *call) (answer, error) {
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	list, err := a.Batches.List(ctx, c.PathValue("account"))
	if err != nil {
		return answer{}, err
	}
	if list == nil {
		list = []standing.Batch{}
	}
	return ok(BatchList{list}), nil
}

func (a *API) showBatch(c *call) (answer, error)   { return a.batch(c, a.Batches.Show) }
func (a *API) pauseBatch(c *call) (answer, error)  { return a.batch(c, c.turn(a.Turns.Pause)) }
func (a *API) resumeBatch(c *call) (answer, error) { return a.batch(c, c.turn(a.Turns.Resume)) }
func (a *API) cancelBatch(c *call) (answer, error) { return a.batch(c, c.turn(a.Turns.Cancel)) }

// turn is what the key of this call does to a batch.
func (c *call) turn(do func(ctx context.Context, account, name, who string) (standing.Batch, error)) func(context.Context, string, string) (standing.Batch, error) {
	return func(ctx context.Context, account, name string) (standing.Batch, error) {
		return do(ctx, account, name, c.key.name)
	}
}

// batch does something to the path's batch and answers how it stands then.
func (a *API) batch(c *call, do func(ctx context.Context, account, name string) (standing.Batch, error)) (answer, error) {
	name := c.PathValue("name")
	if !message.ValidID(name) {
		return answer{}, &fault.Error{Op: "api.batch", Class: fault.NotFound,
			Message: "no batch can have this name; it has 1 to 64 of A-Za-z0-9_.:-"}
	}
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	batch, err := do(ctx, c.PathValue("account"), name)
	if err != nil {
		return answer{}, err
	}
	return ok(batch), nil
}
