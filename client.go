package wxdispatch

import (
	"context"
	"iter"
	"time"

	"wxdispatch/internal/fault"
)

// Client hands messages over to the workers and tells what became of them, by
// their Redis or over HTTP: the same calls, results and classes of error. It is
// safe for concurrent use, and starts nothing.
type Client struct {
	door      door
	lookup    lookup
	finder    finder
	ends      ends
	canceller canceller
	resolver  resolver
	replayer  replayer
	permits   permits
	wishes    wishes
	close     func()
}

// New returns a client that goes that way: New(Redis(client)) or
// New(HTTP(base, key)). It does not connect. Class Invalid: the address or key
// for HTTP is none; over Redis there is no error.
func New(way Way) (*Client, error) {
	if way.open == nil {
		return nil, &fault.Error{Op: "wxdispatch.new", Class: fault.Invalid, Message: "no way was given; write New(Redis(client)) or New(HTTP(base, key))"}
	}
	return way.open()
}

// Close lets go of idle connections over HTTP; over Redis the connection is the
// caller's and stays.
func (c *Client) Close() { c.close() }

// Send hands a message over: after it returns without an error the
// message is kept in Redis and will end in exactly one final state. The same id
// and content again changes nothing and is answered as Duplicate.
//
// Every error is an *Error. Invalid, NotFound (no such account), Unpermitted,
// Unwanted, Parked (its template takes nothing now) and Conflict are final;
// Denied, over HTTP, is until the key is another. Unavailable leaves open whether
// the message was taken: send it again with the id of the Result
// (Message.WithID, where the message has none), which is set then, too.
func (c *Client) Send(ctx context.Context, m *Message) (Result, error) {
	if m == nil {
		return Result{}, noMessage()
	}
	return c.door.Take(ctx, m)
}

func noMessage() error {
	return &fault.Error{Op: "wxdispatch.send", Class: fault.Invalid, Message: "there is no message (nil); NewMessage and Decode make one, or an error"}
}

// Status tells where a message stands. A message that waits for its first
// attempt is told as queued. Class NotFound: it was never taken, or it ended
// longer ago than message.keep; Unavailable: Redis is away.
func (c *Client) Status(ctx context.Context, account, id string) (*Record, error) {
	return c.lookup.Status(ctx, account, id)
}

// Cancel stops a message that is not being sent and has not ended; without an
// error it is cancelled now, or was already, and will not be sent.
//
// The State is where it stands now, also beside class Conflict: it is too late,
// or the message is in doubt, since an earlier attempt was never answered.
// NotFound: nobody knows it; Unavailable: Redis is away, cancel it again.
func (c *Client) Cancel(ctx context.Context, account, id string) (State, error) {
	return c.canceller.Cancel(ctx, account, id)
}

// Resolve ends a doubt: Sent (it arrived), Resend (it did not: send it again)
// or Drop (leave it as failed). The State is where the message stands now, also
// beside an error.
//
// Class Conflict: it is not in doubt; NotFound: nobody knows it or, for Resend,
// its content is no longer kept; Invalid: for Resend, its expires_at is over;
// Unavailable: Redis is away, resolve it again.
func (c *Client) Resolve(ctx context.Context, account, id string, how Resolution) (State, error) {
	return c.resolver.Resolve(ctx, account, id, how)
}

// Replay sends a message that ended badly again, in a new life with its history
// kept. The State is where the message stands now, also beside an error.
//
// Class Conflict: it did not end badly, or is in doubt, which is for Resolve;
// NotFound: nobody knows it or its content is no longer kept; Invalid: its
// expires_at is over; Unavailable: Redis is away, replay it again.
func (c *Client) Replay(ctx context.Context, account, id string) (State, error) {
	return c.replayer.Replay(ctx, account, id)
}

// Failed yields an account's bad ends that the filter picks, oldest first, from
// Redis a page at a time, however many there are; doubts are among them. Each
// may be handed to Replay on the way. It stops at the first error: class
// Unavailable, Redis is away.
func (c *Client) Failed(ctx context.Context, account string, f Filter) iter.Seq2[*Record, error] {
	return c.ends.Ends(ctx, account, f)
}

// Find returns the records of a user's messages that were taken since then,
// newest first, of one template or, with "", of all; a zero since means all that
// are kept. What waits for its first attempt has no record yet and is not found.
// Class NotFound: no such account; Invalid: that is no openid; Unavailable:
// Redis is away.
func (c *Client) Find(ctx context.Context, account, openid, template string, since time.Time) ([]*Record, error) {
	return c.finder.Find(ctx, account, openid, template, since)
}
