package ledger

import (
	"strconv"
	"strings"
	"time"

	"wxdispatch/internal/message"
)

// BatchState is what a batch does.
type BatchState string

// The states. Cancelled is for good.
const (
	BatchRunning   BatchState = "running"
	BatchPaused    BatchState = "paused"
	BatchCancelled BatchState = "cancelled"
)

// Batch is one batch as the book knows it. What of it waits, only the queues
// know.
type Batch struct {
	Account   string
	Name      string
	State     BatchState
	Kinds     []message.Kind
	CreatedAt time.Time
	By        string  // who brought it, a word
	Rate      float64 // its own rate, messages a second; 0: the account's alone
	// IgnoreQuiet: it goes in the account's quiet hours, too.
	IgnoreQuiet bool
	Rows        int                   // read, as whoever brought it said
	Refused     int                   // of them refused at the door
	Loaded      bool                  // all rows were read
	Expected    time.Time             // more is expected until then; zero: nothing
	CancelledAt time.Time             // zero: it was not
	DoneAt      time.Time             // since when nothing of it waits; zero: something does
	Ended       map[message.State]int // messages by where they ended
}

// Lanes are the queues that its messages wait in.
func (b *Batch) Lanes() []message.Lane {
	lanes := make([]message.Lane, len(b.Kinds))
	for i, kind := range b.Kinds {
		lanes[i] = message.Lane{Account: b.Account, Kind: kind, Batch: b.Name}
	}
	return lanes
}

// Ends counts the messages that have ended.
func (b *Batch) Ends() (n int) {
	for _, of := range b.Ended {
		n += of
	}
	return n
}

// readBatch is the batch's layout (lua/batch_open.lua) in Go.
func readBatch(account, name string, f map[string]string) *Batch {
	b := &Batch{Account: account, Name: name, State: BatchState(f["s"]), CreatedAt: moment(f["c"]), By: f["y"],
		IgnoreQuiet: f["i"] == "1", Rows: number(f["n"]), Refused: number(f["f"]), Loaded: f["w"] == "1",
		Expected: moment(f["l"]), CancelledAt: moment(f["x"]), DoneAt: moment(f["d"]), Ended: map[message.State]int{}}
	b.Rate, _ = strconv.ParseFloat(f["r"], 64)
	for _, kind := range strings.Fields(f["k"]) {
		b.Kinds = append(b.Kinds, message.Kind(kind))
	}
	for field, text := range f {
		if state, is := strings.CutPrefix(field, "e:"); is && number(text) != 0 {
			b.Ended[message.State(state)] = number(text)
		}
	}
	return b
}
