// Package tender keeps the lanes of an account's batches as they should be: one
// for each queue of a batch that has something to send, running while the batch
// may go, and standing still otherwise.
//
// Its promise: within a second of a word each worker follows; a batch that
// pauses, holds for the night or is parked asks Redis for nothing but the
// tender's own look, and its messages are not touched; the account's single
// messages and its other batches notice nothing. What was cancelled is cleared
// by one worker or another, whoever asked for it. It holds no state that is not
// in Redis, so any worker may die at any time. What a batch is, and who may turn
// it, is for internal/ledger and internal/intake.
package tender

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/tasks"
)

const (
	// lookEvery is how often batches are looked at.
	lookEvery = time.Second
	// doneEvery is how many looks pass between two at batches that are done:
	// somebody may put more into one.
	doneEvery = 5
	// lookTimeout bounds one look and what follows from it.
	lookTimeout = 3 * time.Second
	// emptyLooks is how many looks in a row find nothing before a batch is done:
	// what is put in meanwhile is seen by the second.
	emptyLooks = 2
	// clearFor is how long one worker has the word to clear a cancelled batch
	// before another may help.
	clearFor = 10 * time.Second
)

// Book is where batches stand. Every error is class Unavailable.
type Book interface {
	// Batches returns all batches, and the names of those whose keep is over.
	Batches(ctx context.Context, account string) (known []*ledger.Batch, over []string, err error)
	// StandBatch writes down whether anything of a batch waits.
	StandBatch(ctx context.Context, account, name string, waits bool, keep time.Duration) (bool, error)
	// ForgetBatch takes a batch off the list.
	ForgetBatch(ctx context.Context, account, name string) error
	// Claim takes the right to do something for a time.
	Claim(ctx context.Context, account, what string, d time.Duration) (bool, error)
}

// Queues are the queues of batches. Every error is class Unavailable.
type Queues interface {
	// Backlogs looks at queues one by one, in a trip or two.
	Backlogs(ctx context.Context, lanes []message.Lane) ([]tasks.Backlog, error)
	// Hold pauses a queue where operators see it.
	Hold(ctx context.Context, lane message.Lane) (tasks.Pause, error)
	// Release ends a pause of ours.
	Release(ctx context.Context, lane message.Lane) (bool, error)
	// Drop takes a queue away that nothing waits in; false: something does.
	Drop(ctx context.Context, lane message.Lane) (bool, error)
}

// Lane drains one queue of a batch.
type Lane interface {
	// Start goes on; it does nothing where the lane runs.
	Start() error
	// Park stops until Start. It does not wait.
	Park()
	// Drain starts no further call, for good. It does not wait.
	Drain()
	// Stop drains and waits for what runs.
	Stop()
}

// Options say whose batches are tended, and with what.
type Options struct {
	Account string
	Kinds   []message.Kind
	Book    Book
	Queues  Queues
	// Make makes a lane that does not run yet.
	Make func(lane message.Lane, b *ledger.Batch) Lane
	// Clear ends what waits of a cancelled batch.
	Clear func(ctx context.Context, b *ledger.Batch) error
	// Quiet tells until when batches hold, zero when they go; nil: they go.
	Quiet func(now time.Time) time.Time
	Keep  time.Duration // message.keep
	Log   *slog.Logger
}

// Tender tends one account's batches from Start to Stop. Until somebody lets a
// kind go (Go), it is held.
type Tender struct {
	o      Options
	log    *slog.Logger
	wake   chan struct{}
	life   context.Context // ends with Stop
	cancel context.CancelFunc
	done   sync.WaitGroup // the keeping, and lanes that end
	looks  int
	empty  map[string]int                  // how many looks in a row found nothing of a batch
	told   map[message.Lane]string         // why a lane stands still, as it was logged
	seen   atomic.Pointer[[]*ledger.Batch] // the last look
	busy   atomic.Bool                     // a batch is being cleared

	mu       sync.Mutex
	lanes    map[message.Lane]*kept
	goes     map[message.Kind]bool
	draining bool
}

// kept is a lane and what it was made for.
type kept struct {
	lane  Lane
	rate  float64
	quiet bool // quiet hours do not hold it
}

// New makes a tender. It starts nothing.
func New(o Options) *Tender {
	t := &Tender{o: o, log: o.Log.With(slog.String("account", o.Account)), wake: make(chan struct{}, 1),
		empty: map[string]int{}, told: map[message.Lane]string{}, lanes: map[message.Lane]*kept{}, goes: map[message.Kind]bool{}}
	t.life, t.cancel = context.WithCancel(context.Background())
	return t
}

// Start begins to look. It does not block.
func (t *Tender) Start() { t.done.Go(t.keep) }

// Drain takes nothing new and starts no further call, for good. It does not
// wait.
func (t *Tender) Drain() {
	t.cancel()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.draining = true
	for _, k := range t.lanes {
		k.lane.Drain()
	}
}

// Stop drains, and waits for what runs.
func (t *Tender) Stop() {
	t.Drain()
	t.mu.Lock()
	for lane := range t.lanes {
		t.retire(lane)
	}
	t.mu.Unlock()
	t.done.Wait()
}

// Go lets the batches of a kind go, as far as nothing else holds them.
func (t *Tender) Go(kind message.Kind) {
	t.mu.Lock()
	before := t.goes[kind]
	t.goes[kind] = true
	t.mu.Unlock()
	if !before {
		t.Wake()
	}
}

// Park stops the batches of a kind at once, until Go. It does not wait.
func (t *Tender) Park(kind message.Kind) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.goes[kind] {
		return
	}
	t.goes[kind] = false
	for lane, k := range t.lanes {
		if lane.Kind == kind {
			k.lane.Park()
		}
	}
	t.Wake()
}

// Wake has the batches looked at at once. It does not block.
func (t *Tender) Wake() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// keep looks again and again. What fails is tried again: Redis may be away, and
// then lanes stay as they are.
func (t *Tender) keep() {
	ticker, away := time.NewTicker(lookEvery), false
	defer ticker.Stop()
	for {
		ctx, cancel := context.WithTimeout(t.life, lookTimeout)
		err := t.turn(ctx)
		cancel()
		if err != nil && !away && t.life.Err() == nil {
			t.log.Warn("batches cannot be looked at; their lanes stay as they are", slog.Any("error", err))
		}
		away = err != nil
		select {
		case <-t.life.Done():
			return
		case <-ticker.C:
		case <-t.wake:
		}
	}
}

// Lanes returns where messages of batches may wait, as of the last look: of all
// that are known, or of those only that may send now but for a park.
func (t *Tender) Lanes(sending bool) (lanes []message.Lane) {
	seen := t.seen.Load()
	if seen == nil {
		return nil
	}
	quiet := t.quiet()
	for _, b := range *seen {
		if sending && (!b.DoneAt.IsZero() || b.State == ledger.BatchPaused || quiet && !b.IgnoreQuiet) {
			continue
		}
		lanes = append(lanes, b.Lanes()...)
	}
	return lanes
}

func (t *Tender) quiet() bool {
	now := time.Now()
	return t.o.Quiet != nil && t.o.Quiet(now).After(now)
}
