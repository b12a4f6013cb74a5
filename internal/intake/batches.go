package intake

import (
	"context"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/standing"
	"wxdispatch/internal/tasks"
)

// BatchBook is where batches and what became of their messages stand. Class
// NotFound: there is no such batch; every other error is class Unavailable.
type BatchBook interface {
	BatchList
	BatchEnds
}

// BatchList keeps the batches.
type BatchList interface {
	Opens
	// NoteBatch tells how far whoever brings a batch has come.
	NoteBatch(ctx context.Context, account, name string, rows, refused int, whole bool) error
	// TurnBatch pauses, resumes or cancels; a cancelled batch stays so.
	TurnBatch(ctx context.Context, account, name string, to ledger.BatchState) (changed bool, now ledger.BatchState, err error)
	// Batch returns one.
	Batch(ctx context.Context, account, name string) (*ledger.Batch, error)
	// Batches returns all, the oldest first, and the names of those whose time
	// is over.
	Batches(ctx context.Context, account string) (known []*ledger.Batch, over []string, err error)
}

// BatchQueues is what waits of batches. Every error is class Unavailable.
type BatchQueues interface {
	// Backlogs looks at queues one by one, in a trip or two.
	Backlogs(ctx context.Context, lanes []message.Lane) ([]tasks.Backlog, error)
	BatchTasks
}

// Batches is what people and apps do with whole batches. It is safe for
// concurrent use when its parts are.
type Batches struct {
	Accounts Accounts
	Book     BatchBook
	Queues   BatchQueues
	By       string        // who brings batches here, a word
	MaxAge   time.Duration // message.max_age
	Keep     time.Duration // message.keep
	Now      func() time.Time
}

// BatchOptions are what whoever brings a whole batch says of it.
type BatchOptions struct {
	Rate        float64 // its own rate, messages a second, below the account's; 0: the account's alone
	IgnoreQuiet bool    // it goes in the account's quiet hours, too
}

const batchOp = "intake.batch"

// Open makes a batch known that is about to be brought as a whole; doing so
// again goes on with it. Rate and quiet hours are the latest word. From then on
// Loaded tells how far it is. Class Conflict: it was cancelled; NotFound: no
// such account; Invalid: the rate; Unavailable: open it again.
func (b Batches) Open(ctx context.Context, account, name string, kind message.Kind, o BatchOptions) error {
	if _, err := b.Accounts.Find(ctx, account); err != nil {
		return err
	}
	if o.Rate < 0 || o.Rate > 0 && (o.Rate < slowest || o.Rate > fastest) {
		return invalid("rate", "found %g; allowed are %g to %d messages a second, or none", o.Rate, slowest, fastest)
	}
	state, err := b.Book.OpenBatch(ctx, account, name, kind,
		ledger.BatchOptions{Rate: o.Rate, IgnoreQuiet: o.IgnoreQuiet, By: b.By, Loading: true})
	if err == nil && state == ledger.BatchCancelled {
		err = cancelledBatch(name)
	}
	return err
}

// A batch's own rate, as an account's.
const (
	slowest = 0.2
	fastest = 5000
)

// Loaded tells how many rows of a batch were read and refused so far. Until
// whole, which says that these are all, it is told at least once a minute: a
// batch is not done while more of it is expected.
func (b Batches) Loaded(ctx context.Context, account, name string, rows, refused int, whole bool) error {
	return b.Book.NoteBatch(ctx, account, name, rows, refused, whole)
}

// List returns how an account's batches stand, the oldest first.
func (b Batches) List(ctx context.Context, account string) ([]standing.Batch, error) {
	if _, err := b.Accounts.Find(ctx, account); err != nil {
		return nil, err
	}
	known, _, err := b.Book.Batches(ctx, account)
	if err != nil {
		return nil, err
	}
	return b.stand(ctx, known)
}

// Show returns how one batch stands.
func (b Batches) Show(ctx context.Context, account, name string) (standing.Batch, error) {
	if _, err := b.Accounts.Find(ctx, account); err != nil {
		return standing.Batch{}, err
	}
	batch, err := b.Book.Batch(ctx, account, name)
	if err != nil {
		return standing.Batch{}, err
	}
	all, err := b.stand(ctx, []*ledger.Batch{batch})
	if err != nil {
		return standing.Batch{}, err
	}
	return all[0], nil
}

// Pause keeps what waits of a batch where it is, within a second on every
// worker; the rest of the account goes on. Calls under way end. Pausing twice
// changes nothing. Class Conflict: it was cancelled.
func (b Batches) Pause(ctx context.Context, account, name string) (standing.Batch, error) {
	return b.turn(ctx, account, name, ledger.BatchPaused)
}

// Resume lets a paused batch go on. Class Conflict: it was cancelled.
func (b Batches) Resume(ctx context.Context, account, name string) (standing.Batch, error) {
	return b.turn(ctx, account, name, ledger.BatchRunning)
}

func (b Batches) turn(ctx context.Context, account, name string, to ledger.BatchState) (standing.Batch, error) {
	if _, err := b.Accounts.Find(ctx, account); err != nil {
		return standing.Batch{}, err
	}
	_, now, err := b.Book.TurnBatch(ctx, account, name, to)
	if err == nil && now != to {
		err = &fault.Error{Op: batchOp, Class: fault.Conflict, Message: "the batch " + name + " was cancelled, which is for good; what was not sent can be handed over again in another batch"}
	}
	if err != nil {
		return standing.Batch{}, err
	}
	return b.Show(ctx, account, name)
}

// stand joins the book's word with what waits.
func (b Batches) stand(ctx context.Context, batches []*ledger.Batch) ([]standing.Batch, error) {
	var lanes []message.Lane
	for _, batch := range batches {
		lanes = append(lanes, batch.Lanes()...)
	}
	backlogs, err := b.Queues.Backlogs(ctx, lanes)
	if err != nil {
		return nil, err
	}
	standings := make([]standing.Batch, len(batches))
	for i, batch := range batches {
		n := len(batch.Kinds)
		standings[i] = standingOf(batch, backlogs[:n])
		backlogs = backlogs[n:]
	}
	return standings, nil
}
