package api

import (
	"context"
	"net/http"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
	"wxdispatch/internal/standing"
)

// Intake takes messages.
type Intake interface {
	// Take brings a message into its queue, and returns within its context,
	// give or take one Redis command. Beside an error Taken still has the
	// message's id. Errors: class Invalid, NotFound (no such account),
	// Conflict, Unpermitted, Suppressed, Parked, or Unavailable (it may or may
	// not have been taken).
	Take(ctx context.Context, m *message.Message) (Taken, error)
	// TakeMany is Take for some hundreds at once, in few trips: an outcome for
	// each, in order.
	TakeMany(ctx context.Context, messages []*message.Message) []Outcome
}

// Outcome is what became of one message of many.
type Outcome struct {
	Taken Taken
	Err   error // as Take's
}

// Records tells where messages stand.
type Records interface {
	// Status returns a message's record; class NotFound when nobody knows it,
	// class Unavailable when that could not be asked.
	Status(ctx context.Context, account, id string) (*message.Record, error)
	// Find returns the records of an openid that were taken since then, of one
	// template or, with "", of all: newest first, of one millisecond the greater
	// id first. A zero since means all that are kept. Class NotFound: nobody
	// knows the account.
	Find(ctx context.Context, account, openid, template string, since time.Time) ([]*message.Record, error)
}

// Changes stops messages and ends doubts. Both answer where the message stands
// now, also beside an error: class NotFound, Conflict (too late; no doubt),
// Invalid, or Unavailable (it may have been done: repeat it).
type Changes interface {
	// Cancel stops a message that was not sent yet. Again it changes nothing.
	Cancel(ctx context.Context, account, id string) (message.State, error)
	// Resolve ends a doubt. who is for the log.
	Resolve(ctx context.Context, account, id string, how ledger.Resolution, who string) (message.State, error)
}

// Ends pages through what ended badly, and sends it again. Errors: class
// NotFound (no such account), or Unavailable.
type Ends interface {
	// Page returns up to most that the filter picks behind a place, oldest first.
	Page(ctx context.Context, account string, f ledger.Filter, from ledger.Place, most int) (ledger.EndsPage, error)
	// Replay sends up to most that the filter picks again, of those that ended
	// before its first page began. Beside class Unavailable the page tells what
	// was done. who is for the log.
	Replay(ctx context.Context, account string, f ledger.Filter, from ReplayFrom, most int, who string) (ReplayPage, error)
	// ReplayIDs sends messages again by their ids; the results so far stand
	// beside class Unavailable. who is for the log.
	ReplayIDs(ctx context.Context, account string, ids []string, who string) ([]Replayed, error)
}

// Replayed is what became of one message that was to be sent again.
type Replayed struct {
	ID    string
	State message.State
	Err   error // class NotFound, Conflict or Invalid; nil: it is sent again
}

// ReplayFrom is where a replay of many stands, page by page. The zero value is
// its beginning.
type ReplayFrom struct {
	Place ledger.Place
	At    time.Time // when its first page began
}

// ReplayPage is a part of a replay of many.
type ReplayPage struct {
	Results []Replayed
	Doubts  int        // passed over
	Next    ReplayFrom // for the next page
	More    bool       // others may follow
}

// Batches tells how batches stand. Errors: class NotFound (no such account, no
// such batch), or Unavailable.
type Batches interface {
	// List returns all of an account, the oldest first.
	List(ctx context.Context, account string) ([]standing.Batch, error)
	// Show returns one.
	Show(ctx context.Context, account, name string) (standing.Batch, error)
}

// Turns stops batches and lets them go on; each is answered as it stands then,
// and again changes nothing. who is for the log. Errors as Batches', and Conflict: it was cancelled.
type Turns interface {
	// Pause keeps what waits where it is.
	Pause(ctx context.Context, account, name, who string) (standing.Batch, error)
	// Resume lets a paused batch go on.
	Resume(ctx context.Context, account, name, who string) (standing.Batch, error)
	// Cancel stops a batch for good. Of what waits much may be ended later, by
	// workers; nothing of it is sent.
	Cancel(ctx context.Context, account, name, who string) (standing.Batch, error)
}

// Accounts tells how the accounts stand.
type Accounts interface {
	// List returns all accounts by name; class Unavailable when that could not
	// be asked.
	List(ctx context.Context) ([]standing.Account, error)
	// Show returns one; class NotFound when nobody knows it, or Unavailable.
	Show(ctx context.Context, account string) (standing.Account, error)
}

// Operator does to accounts what a person wants. Errors: class NotFound, Invalid
// with every mistake, or Unavailable (it may have been done: repeat it).
type Operator interface {
	// Park stops a kind, or with none all, until then, or with a zero time until
	// Unpark. who is for the log.
	Park(ctx context.Context, account string, kind message.Kind, reason, who string, until time.Time) error
	// Unpark ends every park of a kind, or with none of the account.
	Unpark(ctx context.Context, account string, kind message.Kind, who string) error
	// Set sets rate and quotas of all workers.
	Set(ctx context.Context, account string, c AccountChange, who string) error
}

// Permits keeps what WeChat's rules let an app send.
type Permits interface {
	// Add takes a permit in. Errors: class Invalid, NotFound (no such account),
	// or Unavailable (it may or may not have been taken in).
	Add(ctx context.Context, account string, g permit.Grant) (Granted, error)
	// List returns what is left to a user; errors as Add's.
	List(ctx context.Context, account, openid string) ([]permit.Standing, error)
	// Remove takes a permit back: a form or payment by its Code, consents by
	// their Template; 0 of them are all. Class NotFound also when there is none.
	Remove(ctx context.Context, account string, g permit.Grant) (Removed, error)
}

// Suppressions keeps what users want no more.
type Suppressions interface {
	// Suppress writes one down. Errors: class Invalid, NotFound (no such
	// account), or Unavailable (it may or may not have been written).
	Suppress(ctx context.Context, account string, s message.Suppression) error
	// Lift takes that of a template back, or with "" that of everything; class
	// NotFound also when there was none.
	Lift(ctx context.Context, account, openid, template string) error
	// List returns what holds now; errors as Suppress's.
	List(ctx context.Context, account, openid string) ([]message.Suppression, error)
}

// Pushes takes what WeChat pushed.
type Pushes interface {
	// Take keeps a push that somebody received himself, as it came or decrypted.
	// Errors: class Invalid, NotFound (no such account), or Unavailable (it may
	// or may not have been kept).
	Take(ctx context.Context, account string, body []byte) (PushTaken, error)
}

// PushTaken is what became of a push.
type PushTaken struct {
	Type string `json:"type"` // the event, or the kind of message
	Kept bool   `json:"kept"` // false: it tells nothing of messages or consents
}

// Tokens is the token service.
type Tokens interface {
	// Token returns an account's current access_token. Errors: class NotFound
	// (no such account, or none whose secret is known here), or Unavailable
	// with RetryAfter (Redis is away, or WeChat gives none now: the words, Code
	// and RID are WeChat's).
	Token(ctx context.Context, account string) (AccessToken, error)
	// Refresh is Token after WeChat refused the token stale: if that is still
	// the current one, it is replaced first.
	Refresh(ctx context.Context, account, stale string) (AccessToken, error)
}

// Trace follows requests.
type Trace interface {
	// Request follows one that was let in, from now on; its headers may say what
	// it is a part of. The context is the request's then, and end is told the
	// answer's status. Neither blocks.
	Request(r *http.Request, route string) (ctx context.Context, end func(status int))
}

// Watch hears of every answer. It must not block.
type Watch interface {
	// Served tells a route's pattern (a word of its own when none matched), the
	// answer's status and how long it took.
	Served(route string, status int, took time.Duration)
}

// Taken is what became of a message, in the shape that callers read.
type Taken struct {
	ID        string        `json:"id"`
	Account   string        `json:"account"`
	State     message.State `json:"state"`
	Duplicate bool          `json:"duplicate"`
	Warnings  []fault.Field `json:"warnings,omitempty"`
}

// Granted is what became of a permit, in the shape that callers read.
type Granted struct {
	OpenID    string             `json:"openid"`
	Type      message.PermitType `json:"type"`
	Code      string             `json:"code,omitempty"`
	Template  string             `json:"template_id,omitempty"`
	Left      int                `json:"left"`
	ExpiresAt time.Time          `json:"expires_at,omitzero"`
	Known     bool               `json:"known"`
}

// Removed is a permit that was taken back.
type Removed struct {
	OpenID   string `json:"openid"`
	Code     string `json:"code,omitempty"`
	Template string `json:"template_id,omitempty"`
	Lost     int    `json:"lost"` // form, payment: uses that were left
	Left     int    `json:"left"` // consents of the template that are left
}

// AccessToken is an account's token, in the shape of WeChat's own answer.
type AccessToken struct {
	Token     string `json:"access_token"`
	ExpiresIn int    `json:"expires_in"` // seconds, from the answer on
}
