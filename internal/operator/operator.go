// Package operator is what a person asks of an account and does to it: how its
// lanes stand and why, park and unpark, quotas and rates for a while, and the log
// of all that.
//
// Its promise: the commands and the HTTP API tell and do the same; whatever is
// done is in the account's log with who did it; a look never scans a queue. How
// a lane follows is for internal/park.
package operator

import (
	"context"
	"fmt"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/registry"
	"wxdispatch/internal/token"
)

// Accounts knows the accounts.
type Accounts interface {
	// Find returns one account; class NotFound names those that are known.
	Find(ctx context.Context, name string) (registry.Account, error)
	// List returns all by name.
	List(ctx context.Context) ([]registry.Account, error)
}

// Book is where parks, quotas and the log stand; every error is class
// Unavailable.
type Book interface {
	Parks
	Quotas
	Looks
	// ReceiptCounts tells what receipts said in the last hour.
	ReceiptCounts(ctx context.Context, account string, now time.Time) (ledger.ReceiptCounts, error)
}

// Parks are a person's parks.
type Parks interface {
	// Park stops a kind, or with none all, until then or for good.
	Park(ctx context.Context, account string, kind message.Kind, until time.Time, info ledger.ParkInfo) error
	// Unpark ends parks, of the given reasons or all.
	Unpark(ctx context.Context, account string, kind message.Kind, why string, info ledger.ParkInfo, reasons ...string) (int, error)
}

// Quotas are an operator's quotas.
type Quotas interface {
	// SetQuota sets a kind's, until then or for good.
	SetQuota(ctx context.Context, account string, kind message.Kind, most int, until time.Time, info ledger.ParkInfo) error
	// ResetQuotas gives the configuration its word back.
	ResetQuotas(ctx context.Context, account string, info ledger.ParkInfo) error
	// Note tells the account's log.
	Note(ctx context.Context, account, what, scope, reason string, info ledger.ParkInfo) error
}

// Looks tell how an account stands.
type Looks interface {
	// Look tells what stops the account or bounds its day.
	Look(ctx context.Context, account string) (ledger.Standing, error)
	// Doubts counts the messages in doubt by kind.
	Doubts(ctx context.Context, account string) (map[message.Kind]int, error)
	// BatchLanes returns where messages of the account's batches wait.
	BatchLanes(ctx context.Context, account string) ([]message.Lane, error)
	// Log returns what was done, newest first.
	Log(ctx context.Context, account string) ([]ledger.LogEntry, error)
}

// Queues tells what waits.
type Queues interface {
	// Backlog counts what stands in the queues of lanes together by state, and
	// since when the oldest pending message waits.
	Backlog(ctx context.Context, lanes ...message.Lane) (map[string]int, time.Duration, error)
	// Paused tells whether an operator paused the queue in the web UI.
	Paused(ctx context.Context, lane message.Lane) (bool, error)
}

// Rates are the account's pace, for all workers.
type Rates interface {
	// Read returns what holds for all workers and the rate in force, in messages
	// a second; 0: nobody knows.
	Read(ctx context.Context, account string) (configured, now float64, err error)
	// Set sets the rate until then, or with a zero time until Clear.
	Set(ctx context.Context, account string, perSecond float64, until time.Time) error
	// Clear gives the configuration its word back.
	Clear(ctx context.Context, account string) error
}

// Tokens are the accounts' access_tokens.
type Tokens interface {
	// Read tells how the token stands, never the token.
	Read(ctx context.Context, account string) (token.Standing, error)
	// TryNow has a source that is left alone after a failure tried at once.
	TryNow(ctx context.Context, account string) error
}

// Operator does what a person wants. It is safe for concurrent use.
type Operator struct {
	Accounts Accounts
	Book     Book
	Queues   Queues
	Rates    Rates
	Tokens   Tokens
}

// Park stops a kind, or with none all kinds, until then, or with a zero time
// until Unpark. Errors: NotFound, Invalid (a kind that the account does not
// send, no reason, an end that is over), Unavailable.
func (o Operator) Park(ctx context.Context, account string, kind message.Kind, reason, who string, until, now time.Time) error {
	if err := o.sends(ctx, account, kind); err != nil {
		return err
	}
	var wrong []fault.Field
	if n := len(reason); n == 0 || n > mostReason {
		wrong = append(wrong, fault.Field{Path: "reason", Message: fmt.Sprintf("has %d bytes; say in 1 to %d why, for whoever finds the lane parked", n, mostReason)})
	}
	if !until.IsZero() && !until.After(now) {
		wrong = append(wrong, fault.Field{Path: "until", Message: "is over already; give a time to come, or leave it out"})
	}
	if err := fault.InvalidFields("operator.park", wrong); err != nil {
		return err
	}
	return o.Book.Park(ctx, account, kind, until, ledger.ParkInfo{By: "operator", Who: who, Words: reason})
}

// mostReason is a park's longest reason in bytes.
const mostReason = 500

// Unpark ends every park of a kind, or with none of the account and all its
// kinds, and answers how many there were and what still stops it. A token that
// could not be had is asked for again at once.
func (o Operator) Unpark(ctx context.Context, account string, kind message.Kind, who string) (int, []ledger.Parked, error) {
	if err := o.sends(ctx, account, kind); err != nil {
		return 0, nil, err
	}
	n, err := o.Book.Unpark(ctx, account, kind, "operator", ledger.ParkInfo{By: "operator", Who: who})
	if err != nil {
		return 0, nil, err
	}
	if err := o.Tokens.TryNow(ctx, account); err != nil {
		return n, nil, err
	}
	s, err := o.Book.Look(ctx, account)
	var left []ledger.Parked
	for _, p := range s.Parks {
		if kind == "" || p.Holds(kind) {
			left = append(left, p)
		}
	}
	return n, left, err
}

// sends checks that there is such an account, and that it sends the kind.
func (o Operator) sends(ctx context.Context, account string, kind message.Kind) error {
	a, err := o.Accounts.Find(ctx, account)
	if err != nil {
		return err
	}
	if kind != "" && !a.Type.Sends(kind) {
		return fault.InvalidFields("operator", []fault.Field{{Path: "kind", Message: fmt.Sprintf("found %q; account %s (%s) sends %v", kind, account, a.Type, a.Type.Kinds())}})
	}
	return nil
}
