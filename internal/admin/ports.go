package admin

import (
	"context"
	"time"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
	"wxdispatch/internal/standing"
)

// Overviewer tells what the worker is doing.
type Overviewer interface {
	// Overview returns the accounts as they stand; with an error, what is known
	// nevertheless. It ends with ctx. The error is logged, not shown.
	Overview(ctx context.Context) ([]Account, error)
}

// Messages tells where messages stand.
type Messages interface {
	// Status returns a message's record; class NotFound when nobody knows it,
	// class Unavailable when that could not be asked.
	Status(ctx context.Context, account, id string) (*message.Record, error)
	// Find returns the records of an openid that were taken since then, newest
	// first; a zero since means all that are kept. Errors as Status's.
	Find(ctx context.Context, account, openid, template string, since time.Time) ([]*message.Record, error)
}

// Ends pages through what ended badly, and sends it again. Errors: class
// NotFound (no such account), or Unavailable.
type Ends interface {
	// Clock is the time that records carry.
	Clock(ctx context.Context) (time.Time, error)
	// Page returns up to most that the filter picks behind a place, oldest first.
	Page(ctx context.Context, account string, f ledger.Filter, from ledger.Place, most int) (ledger.EndsPage, error)
	// Replay sends what the filter picks again, until all is or ctx nears its
	// end, and notes in the account's log who had it done. Beside an error it
	// tells what was done.
	Replay(ctx context.Context, account string, f ledger.Filter, who string) (Replayed, error)
}

// Replayed is what became of a replay.
type Replayed struct {
	Sent     int       // are on their way again
	Refused  int       // are not
	Doubts   int       // were passed over: what may have arrived is not sent again
	Troubles []Trouble // why some are not, the first few
	More     bool      // some are left
}

// Add counts what became of one message; of the first few that were not sent
// again it keeps why.
func (r *Replayed) Add(id string, err error) {
	if err == nil {
		r.Sent++
		return
	}
	r.Refused++
	r.Troubles = troubled(r.Troubles, id, err)
}

// Doubts ends doubts, and notes in the account's log who had it done. Errors:
// class NotFound (no such account or message, or its content is no longer kept),
// Conflict (it is not in doubt), Invalid (its time is over), or Unavailable.
type Doubts interface {
	// Resolve ends one; the state is where it stands then.
	Resolve(ctx context.Context, account, id string, how ledger.Resolution, who string) (message.State, error)
	// ResolveAll ends those that the filter picks, until all are or ctx nears its
	// end; each is told of every one, with why it was not ended, or nil. It answers
	// whether some are left.
	ResolveAll(ctx context.Context, account string, f ledger.Filter, how ledger.Resolution, who string, each func(id string, err error)) (more bool, err error)
}

// Batches tells how batches stand, stops them and lets them go on, and notes in
// the account's log who did. Errors: class NotFound, Conflict (it was
// cancelled), or Unavailable.
type Batches interface {
	// Show returns one.
	Show(ctx context.Context, account, name string) (standing.Batch, error)
	// Pause keeps what waits where it is.
	Pause(ctx context.Context, account, name, who string) error
	// Resume lets a paused batch go on.
	Resume(ctx context.Context, account, name, who string) error
	// Cancel stops a batch for good; workers may end what waits later.
	Cancel(ctx context.Context, account, name, who string) error
}

// Permits tells what WeChat's rules let an app send to a user.
type Permits interface {
	// List returns what is left to a user; class NotFound (no such account),
	// Invalid (no openid), or Unavailable.
	List(ctx context.Context, account, openid string) ([]permit.Standing, error)
}

// Operator parks and unparks, and notes in the account's log who did. Errors:
// class NotFound, Invalid with every mistake, or Unavailable.
type Operator interface {
	// Park stops a kind, or with none all, until then, or with a zero time until
	// Unpark.
	Park(ctx context.Context, account string, kind message.Kind, reason, who string, until time.Time) error
	// Unpark ends every park of a kind, or with none of the account.
	Unpark(ctx context.Context, account string, kind message.Kind, who string) error
}
