package intake

import (
	"time"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/tasks"
)

// BatchStanding is how a batch stands, in the shape that commands and the HTTP
// API print.
type BatchStanding struct {
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
func (b BatchStanding) Done() bool { return !b.DoneAt.IsZero() && b.Queued == 0 }

func standingOf(b *ledger.Batch, backlogs []tasks.Backlog) BatchStanding {
	s := BatchStanding{
		Name: b.Name, Account: b.Account, State: string(b.State), Kinds: b.Kinds, CreatedAt: b.CreatedAt, By: b.By,
		Rate: b.Rate, IgnoreQuiet: b.IgnoreQuiet, Rows: b.Rows, RowsRefused: b.Refused,
		Loading: !b.Loaded && time.Now().Before(b.Expected), // a minute's difference of clocks does no harm
		Ended:   b.Ended, Accepted: b.Ended[message.Accepted], Delivered: b.Ended[message.Delivered],
		PermitsMissing: b.Ended[message.Unpermitted], DoneAt: b.DoneAt,
	}
	for _, backlog := range backlogs {
		s.Queued += backlog.Waits()
	}
	s.Total = s.Queued + b.Ends()
	if s.Queued > 0 {
		s.DoneAt = time.Time{}
	}
	if s.Done() && b.State != ledger.BatchCancelled {
		s.State = BatchDone
	}
	return s
}
