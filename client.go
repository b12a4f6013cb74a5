package wxdispatch

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/intake"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/registry"
	"wxdispatch/internal/tasks"
)

// Client hands messages over to the workers that share its Redis. It is safe
// for concurrent use, starts nothing and needs no Close; the connection stays
// the caller's.
type Client struct {
	intake intake.Intake
	lookup intake.Lookup
}

// Option changes what New makes.
type Option func(*settings)

type settings struct{ accounts []Account }

// WithAccounts names accounts that count as known although no worker has
// announced them yet. Without it an app that starts before the first worker
// hears class NotFound.
func WithAccounts(accounts ...Account) Option {
	return func(s *settings) { s.accounts = append(s.accounts, accounts...) }
}

// New returns a client over the Redis that the workers use. It does not
// connect: the first Send does. A client with ContextTimeoutEnabled lets each
// call end with its context even when Redis hangs.
func New(client redis.UniversalClient, options ...Option) *Client {
	var s settings
	for _, set := range options {
		set(&s)
	}
	accounts := registry.New(client, s.accounts...)
	book, queue := ledger.New(client), tasks.NewQueue(client)
	return &Client{
		intake: intake.Intake{Accounts: accounts, Book: book, Queue: queue, Now: time.Now, NewID: intake.ULID},
		lookup: intake.Lookup{Accounts: accounts, Book: book, Waiting: queue},
	}
}

// Decode reads one message, strictly. Its error is an *Error of class Invalid
// whose Fields are all mistakes at once, each with its JSON path.
func Decode(data []byte) (*Message, error) { return message.Decode(data) }

// Send hands a message from Decode over: after it returns without an error the
// message is kept in Redis and will end in exactly one final state. The same id
// and content again changes nothing and is answered as Duplicate.
//
// Every error is an *Error. Invalid, NotFound (no such account), Unpermitted
// and Conflict are final. Unavailable leaves open whether the message was
// taken: send it again with the id of the Result, which is set then, too.
func (c *Client) Send(ctx context.Context, m *Message) (Result, error) { return c.intake.Take(ctx, m) }

// Status tells where a message stands. A message that waits for its first
// attempt is told as queued. Class NotFound: it was never taken, or it ended
// longer ago than message.keep; Unavailable: Redis is away.
func (c *Client) Status(ctx context.Context, account, id string) (*Record, error) {
	return c.lookup.Status(ctx, account, id)
}
