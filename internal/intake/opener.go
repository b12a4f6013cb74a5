package intake

import (
	"context"
	"fmt"
	"sync"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

// openFor is how long a batch that was opened is not opened again by this
// process: a batch that was cancelled meanwhile takes messages for no longer,
// and what it took ends as cancelled all the same.
const openFor = 10 * time.Second

// Opens makes batches known.
type Opens interface {
	// OpenBatch makes a batch known and answers its state; repeating it changes
	// nothing. Class Unavailable: it may or may not be known.
	OpenBatch(ctx context.Context, account, name string, kind message.Kind, o ledger.BatchOptions) (ledger.BatchState, error)
}

// Opener makes batches known before their first message is put into a queue, so
// that workers drain it. It is safe for concurrent use.
type Opener struct {
	book Opens
	by   string

	mu    sync.Mutex
	known map[message.Lane]time.Time // until when
}

// NewOpener returns an opener; by is who brings messages here, a word.
func NewOpener(book Opens, by string) *Opener {
	return &Opener{book: book, by: by, known: map[message.Lane]time.Time{}}
}

// Open makes the batch of a lane known; a nil opener and a lane without a batch
// are none of its business. Class Conflict: the batch was cancelled; class
// Unavailable: Redis is away, open it again.
func (o *Opener) Open(ctx context.Context, lane message.Lane) error {
	if o == nil || lane.Batch == "" || o.knows(lane) {
		return nil
	}
	state, err := o.book.OpenBatch(ctx, lane.Account, lane.Batch, lane.Kind, ledger.BatchOptions{By: o.by})
	if err != nil {
		return err
	}
	if state == ledger.BatchCancelled {
		return cancelledBatch(lane.Batch)
	}
	o.note(lane)
	return nil
}

func (o *Opener) knows(lane message.Lane) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return time.Now().Before(o.known[lane])
}

// note remembers a batch, and forgets those whose time is over.
func (o *Opener) note(lane message.Lane) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	for old, until := range o.known {
		if !now.Before(until) {
			delete(o.known, old)
		}
	}
	o.known[lane] = now.Add(openFor)
}

// opens makes the batch of a lane known before something is put there.
func (i *Intake) opens(ctx context.Context, lane message.Lane) error { return i.Opener.Open(ctx, lane) }

func cancelledBatch(name string) error {
	return &fault.Error{Op: op, Class: fault.Conflict, Message: fmt.Sprintf(
		"the batch %s was cancelled and takes no more messages; give another batch, or none", name)}
}
