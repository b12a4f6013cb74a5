package wxdispatch

import (
	"context"
	"iter"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/desk"
	"wxdispatch/internal/message"
)

// Client hands messages over to the workers that share its Redis. It is safe
// for concurrent use, starts nothing and needs no Close; the connection stays
// the caller's.
type Client struct{ desk *desk.Desk }

// Option changes what New makes.
type Option func(*settings)

type settings struct {
	accounts     []Account
	maxAge, keep time.Duration
	replicas     int
}

// week is the default of message.max_age and message.keep.
const week = 7 * 24 * time.Hour

// WithAccounts names accounts that count as known although no worker has
// announced them yet. Without it an app that starts before the first worker
// hears class NotFound.
func WithAccounts(accounts ...Account) Option {
	return func(s *settings) { s.accounts = append(s.accounts, accounts...) }
}

// WithTimes tells the client what the workers' configuration says of
// message.max_age and message.keep: so long do the mark of a Cancel and the end
// of a Resolve live. Without it each is a week, as by default there.
func WithTimes(maxAge, keep time.Duration) Option {
	return func(s *settings) { s.maxAge, s.keep = maxAge, keep }
}

// WithWaitReplicas makes Send answer only once so many replicas have the
// message, as redis.wait_replicas does for the commands: else a failover in the
// next moment may forget it. Without it, or where too few answer within a
// second (class Unavailable), the message is kept by the master alone.
func WithWaitReplicas(n int) Option { return func(s *settings) { s.replicas = n } }

// New returns a client over the Redis that the workers use. It does not
// connect: the first call does. A client with ContextTimeoutEnabled lets each
// call end with its context even when Redis hangs.
func New(client redis.UniversalClient, options ...Option) *Client {
	s := settings{maxAge: week, keep: week}
	for _, set := range options {
		set(&s)
	}
	return &Client{desk.New(client, desk.Options{
		Known: s.accounts, MaxAge: s.maxAge, Keep: s.keep, Replicas: s.replicas, By: "app",
	})}
}

// Decode reads one message, strictly. Its error is an *Error of class Invalid
// whose Fields are all mistakes at once, each with its JSON path.
func Decode(data []byte) (*Message, error) { return message.Decode(data) }

// Send hands a message from Decode over: after it returns without an error the
// message is kept in Redis and will end in exactly one final state. The same id
// and content again changes nothing and is answered as Duplicate.
//
// Every error is an *Error. Invalid, NotFound (no such account), Unpermitted,
// Unwanted and Conflict are final. Unavailable leaves open whether the message was
// taken: send it again with the id of the Result, which is set then, too.
func (c *Client) Send(ctx context.Context, m *Message) (Result, error) {
	return c.desk.Intake.Take(ctx, m)
}

// Status tells where a message stands. A message that waits for its first
// attempt is told as queued. Class NotFound: it was never taken, or it ended
// longer ago than message.keep; Unavailable: Redis is away.
func (c *Client) Status(ctx context.Context, account, id string) (*Record, error) {
	return c.desk.Lookup.Status(ctx, account, id)
}

// Cancel stops a message that is not being sent and has not ended; without an
// error it is cancelled now, or was already, and will not be sent.
//
// The State is where it stands now, also beside class Conflict: it is too late,
// or the message is in doubt, since an earlier attempt was never answered.
// NotFound: nobody knows it; Unavailable: Redis is away, cancel it again.
func (c *Client) Cancel(ctx context.Context, account, id string) (State, error) {
	return c.desk.Canceller.Cancel(ctx, account, id)
}

// Resolve ends a doubt: Sent (it arrived), Resend (it did not: send it again)
// or Drop (leave it as failed). The State is where the message stands now, also
// beside an error.
//
// Class Conflict: it is not in doubt; NotFound: nobody knows it or, for Resend,
// its content is no longer kept; Invalid: for Resend, its expires_at is over;
// Unavailable: Redis is away, resolve it again.
func (c *Client) Resolve(ctx context.Context, account, id string, how Resolution) (State, error) {
	return c.desk.Resolver.Resolve(ctx, account, id, how)
}

// Replay sends a message that ended badly again, in a new life with its history
// kept. The State is where the message stands now, also beside an error.
//
// Class Conflict: it did not end badly, or is in doubt, which is for Resolve;
// NotFound: nobody knows it or its content is no longer kept; Invalid: its
// expires_at is over; Unavailable: Redis is away, replay it again.
func (c *Client) Replay(ctx context.Context, account, id string) (State, error) {
	return c.desk.Replayer.Replay(ctx, account, id)
}

// Failed yields an account's bad ends that the filter picks, oldest first, from
// Redis a page at a time, however many there are; doubts are among them. Each
// may be handed to Replay on the way. It stops at the first error: class
// Unavailable, Redis is away.
func (c *Client) Failed(ctx context.Context, account string, f Filter) iter.Seq2[*Record, error] {
	return c.desk.Book.Ends(ctx, account, f)
}

// Find returns the records of a user's messages that were taken since then,
// newest first; a zero since means all that are kept. What waits for its first
// attempt has no record yet and is not found. Class NotFound: no such account;
// Invalid: the openid is empty; Unavailable: Redis is away.
func (c *Client) Find(ctx context.Context, account, openid string, since time.Time) ([]*Record, error) {
	return c.desk.Finder.Find(ctx, account, openid, "", since)
}
