package callback

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"wxdispatch/internal/inbox"
	"wxdispatch/internal/wechat/push"
)

const (
	drainEvery = 500 * time.Millisecond
	// drainPage is how many pushes are worked on in one go: a few trips.
	drainPage = 200
	// turn is how long one worker has an account's pushes for itself. It is a
	// matter of cost only: two that work on the same ones change nothing twice.
	turn = 2 * time.Second
	// doubtsAtOnce is how many receipts without a message are looked after in
	// one go; each costs a look at all of a user's messages.
	doubtsAtOnce = 20
)

// Waiting is the inbox of one account, as its Drain sees it.
type Waiting interface {
	// Take returns up to n pushes that wait, the oldest first; they wait on.
	Take(ctx context.Context, account string, n int64) ([]inbox.Item, error)
	// Done lets go of pushes.
	Done(ctx context.Context, account string, ids []string) error
}

// Claims takes turns.
type Claims interface {
	// Claim takes the right to a piece of the account's housekeeping for a time;
	// false: another has it.
	Claim(ctx context.Context, account, what string, d time.Duration) (bool, error)
}

// Book is where receipts and choices go.
type Book interface {
	// Work writes down what pushes say, in their order. What was written before
	// changes nothing. Class Unavailable: give them again.
	Work(ctx context.Context, pushes []push.Push) error
	// EndDoubts looks after receipts that have stayed without a message, up to
	// most.
	EndDoubts(ctx context.Context, most int64) error
}

// Drain works on one account's pushes, from Start to Stop. Any number of
// workers may drain one account.
type Drain struct {
	account string
	inbox   Waiting
	claims  Claims
	book    Book
	log     *slog.Logger
	stop    context.CancelFunc
	done    sync.WaitGroup
}

// NewDrain makes a drain. It starts nothing.
func NewDrain(account string, box Waiting, claims Claims, book Book, log *slog.Logger) *Drain {
	return &Drain{account: account, inbox: box, claims: claims, book: book, log: log.With(slog.String("account", account))}
}

// Start begins to drain. It does not block.
func (d *Drain) Start() {
	ctx, cancel := context.WithCancel(context.Background())
	d.stop = cancel
	d.done.Go(func() { d.run(ctx) })
}

// Stop begins no new page and waits for the one that is worked on.
func (d *Drain) Stop() {
	if d.stop != nil {
		d.stop()
	}
	d.done.Wait()
}

func (d *Drain) run(ctx context.Context) {
	ticker := time.NewTicker(drainEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := d.Turn(ctx); err != nil && ctx.Err() == nil {
			d.log.Warn("pushes wait: they could not be worked on", slog.Any("error", err))
		}
	}
}

// Turn works on what waits, if it is this worker's turn, until nothing does or
// the turn is over.
func (d *Drain) Turn(ctx context.Context) error {
	mine, err := d.claims.Claim(ctx, d.account, "pushes", drainEvery)
	if err != nil || !mine {
		return err
	}
	for end := time.Now().Add(turn); time.Now().Before(end) && ctx.Err() == nil; {
		n, err := d.page(ctx)
		if err != nil {
			return err
		}
		if n < drainPage {
			break
		}
	}
	return d.book.EndDoubts(ctx, doubtsAtOnce)
}

// page works on the oldest pushes and tells how many they were.
func (d *Drain) page(ctx context.Context) (int, error) {
	items, err := d.inbox.Take(ctx, d.account, drainPage)
	if err != nil || len(items) == 0 {
		return 0, err
	}
	var pushes []push.Push
	ids := make([]string, len(items))
	for i, item := range items {
		ids[i] = item.ID
		var p push.Push
		if err := json.Unmarshal(item.Body, &p); err != nil {
			d.log.Error("a push in the inbox cannot be read and is dropped; did another version write it?", slog.String("entry", item.ID))
			continue
		}
		p.Came = item.Came
		pushes = append(pushes, p)
	}
	if err := d.book.Work(ctx, pushes); err != nil {
		return 0, err
	}
	return len(items), d.inbox.Done(ctx, d.account, ids)
}
