package api

import (
	"context"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// Batch is how a batch stands.
type Batch struct {
	Name        string         `json:"name"`
	Account     string         `json:"account"`
	State       string         `json:"state"` // running, paused, cancelled, done
	Kinds       []message.Kind `json:"kinds"`
	CreatedAt   time.Time      `json:"created_at"`
	By          string         `json:"by,omitempty"`
	Rate        float64        `json:"rate,omitempty"` // its own, messages a second
	IgnoreQuiet bool           `json:"ignore_quiet_hours,omitempty"`
	Rows        int            `json:"rows,omitempty"`         // read, as whoever brings it says
	RowsRefused int            `json:"rows_refused,omitempty"` // refused at the door
	Loading     bool           `json:"loading"`                // more of it is being brought

	Total          int                   `json:"total"`
	Queued         int                   `json:"queued"` // under way
	Accepted       int                   `json:"accepted"`
	Delivered      int                   `json:"delivered"`
	PermitsMissing int                   `json:"permits_missing"`
	Ended          map[message.State]int `json:"ended"`
	DoneAt         time.Time             `json:"done_at,omitzero"`
}

// BatchList is an account's batches, the oldest first.
type BatchList struct {
	Batches []Batch `json:"batches"`
}

func (a *API) listBatches(c *call) (answer, error) {
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	list, err := a.Batches.List(ctx, c.PathValue("account"))
	if err != nil {
		return answer{}, err
	}
	if list == nil {
		list = []Batch{}
	}
	return ok(BatchList{list}), nil
}

func (a *API) showBatch(c *call) (answer, error)   { return a.batch(c, a.Batches.Show) }
func (a *API) pauseBatch(c *call) (answer, error)  { return a.batch(c, a.Turns.Pause) }
func (a *API) resumeBatch(c *call) (answer, error) { return a.batch(c, a.Turns.Resume) }
func (a *API) cancelBatch(c *call) (answer, error) { return a.batch(c, a.Turns.Cancel) }

// batch does something to the path's batch and answers how it stands then.
func (a *API) batch(c *call, do func(ctx context.Context, account, name string) (Batch, error)) (answer, error) {
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
