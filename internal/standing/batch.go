package standing

import (
	"time"

	"wxdispatch/internal/message"
)

// Batch is how a batch stands.
type Batch struct {
	Name      string         `json:"name"`
	Account   string         `json:"account"`
	State     string         `json:"state"` // running, paused, cancelled, done
	Kinds     []message.Kind `json:"kinds"`
	CreatedAt time.Time      `json:"created_at"`
	By        string         `json:"by,omitempty"`
	Rate      float64        `json:"rate,omitempty"` // its own, messages a second
	// IgnoreQuiet: it goes in the account's quiet hours, too.
	IgnoreQuiet bool `json:"ignore_quiet_hours,omitempty"`
	Rows        int  `json:"rows,omitempty"`         // read, as whoever brings it says
	RowsRefused int  `json:"rows_refused,omitempty"` // refused at the door
	Loading     bool `json:"loading"`                // more of it is being brought

	Total     int `json:"total"`  // messages that it has: those that ended, and those that wait
	Queued    int `json:"queued"` // under way: waiting or being sent
	Accepted  int `json:"accepted"`
	Delivered int `json:"delivered"`
	// PermitsMissing had no permit when their turn came (unpermitted).
	PermitsMissing int `json:"permits_missing"`
	// Ended counts all ends by their state.
	Ended map[message.State]int `json:"ended"`
	// DoneAt is since when nothing of it is under way; zero: something is.
	DoneAt time.Time `json:"done_at,omitzero"`
}

// BatchDone is the state of a batch that nothing is under way of.
const BatchDone = "done"

// Done tells whether nothing of the batch is under way or expected.
func (b Batch) Done() bool { return !b.DoneAt.IsZero() && b.Queued == 0 }
