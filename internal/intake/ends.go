package intake

import (
	"context"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

// EndsBook pages through what ended badly.
type EndsBook interface {
	// EndsPage returns up to most of an account's bad ends that a filter picks
	// behind a place, oldest first; class Unavailable when that could not be
	// asked.
	EndsPage(ctx context.Context, account string, f ledger.Filter, from ledger.Place, most int) (ledger.EndsPage, error)
}

// Ends looks through an account's bad ends and sends them again, a page a call.
// It is safe for concurrent use when its parts are.
type Ends struct {
	Accounts Accounts
	Book     EndsBook
	Replayer Replayer
}

// Page returns a part of the bad ends. Class NotFound: nobody knows the account;
// class Unavailable: Redis is away.
func (e Ends) Page(ctx context.Context, account string, f ledger.Filter, from ledger.Place, most int) (ledger.EndsPage, error) {
	if _, err := e.Accounts.Find(ctx, account); err != nil {
		return ledger.EndsPage{}, err
	}
	return e.Book.EndsPage(ctx, account, f, from, most)
}

// Replayed is what became of one message that was to be sent again.
type Replayed struct {
	ID    string
	State message.State // where it stands now
	Err   error         // why it was not sent again, as Replay tells it; nil: it was
}

// ReplayFrom is where a replay of many stands, page by page. The zero value is
// its beginning.
type ReplayFrom struct {
	Place ledger.Place
	At    time.Time // when its first page began, on Redis's clock
}

// ReplayPage is a part of a replay of many.
type ReplayPage struct {
	Results []Replayed
	Doubts  int        // passed over: what may have arrived is for Resolve
	Next    ReplayFrom // hand this to the next call
	More    bool       // others may follow
}

// enough is how long a page of a replay may take; then it ends early, with more
// to follow.
const enough = 1500 * time.Millisecond

// Replay sends up to most of the bad ends that the filter picks again, each as
// ReplayEnd does. What ends badly after the first page began is not meant, so a
// selection is sent once, however many pages it takes, and one that was cut off
// may be started again. Class NotFound: nobody knows the account. Class
// Unavailable: Redis is away; beside it the page tells what was done, and Next
// repeats the message whose outcome is open.
func (e Ends) Replay(ctx context.Context, account string, f ledger.Filter, from ReplayFrom, most int) (ReplayPage, error) {
	p := ReplayPage{Next: from}
	if _, err := e.Accounts.Find(ctx, account); err != nil {
		return p, err
	}
	if from.At.IsZero() {
		at, err := e.Replayer.Clock(ctx)
		if err != nil {
			return p, err
		}
		p.Next.At = at
	}
	if f.Until.IsZero() || f.Until.After(p.Next.At) {
		f.Until = p.Next.At
	}
	ends, err := e.Book.EndsPage(ctx, account, f, from.Place, most)
	if err != nil {
		return p, err
	}
	now := e.Replayer.Requeue.Now
	stop := now().Add(enough)
	for i, record := range ends.Records {
		if now().After(stop) {
			p.More = true
			return p, nil
		}
		if err := e.one(ctx, &p, record); err != nil {
			return p, err
		}
		p.Next.Place = ends.Places[i]
	}
	p.Next.Place, p.More = ends.Next, ends.More
	return p, nil
}

// one sends one bad end again and notes what became of it.
func (e Ends) one(ctx context.Context, p *ReplayPage, record *message.Record) error {
	if record.State == message.InDoubt {
		p.Doubts++
		return nil
	}
	state, err := e.Replayer.ReplayEnd(ctx, record, p.Next.At)
	if fault.Is(err, fault.Unavailable) {
		return err
	}
	p.Results = append(p.Results, Replayed{record.ID, state, err})
	return nil
}

// ReplayIDs sends messages that ended badly again, each as Replay does. An error
// of class Unavailable comes with the results so far.
func (e Ends) ReplayIDs(ctx context.Context, account string, ids []string) ([]Replayed, error) {
	if _, err := e.Accounts.Find(ctx, account); err != nil {
		return nil, err
	}
	var results []Replayed
	for _, id := range ids {
		state, err := e.Replayer.Replay(ctx, account, id)
		if fault.Is(err, fault.Unavailable) {
			return results, err
		}
		results = append(results, Replayed{id, state, err})
	}
	return results, nil
}
