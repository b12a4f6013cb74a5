// Package desk puts together what producers and operators need over one Redis:
// the intake, the look-ups, and what ends and restarts messages.
//
// Its promise: the commands, the HTTP API and the Go client do the same things
// in the same way. It starts nothing and owns nothing: the connection stays the
// caller's. How a command or a call looks, and what a configuration says, is
// for others.
package desk

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/catalogue"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/operator"
	"wxdispatch/internal/registry"
	"wxdispatch/internal/store"
	"wxdispatch/internal/tasks"
)

// Options say what a desk knows besides its Redis.
type Options struct {
	Known    []registry.Account // accounts that count though no worker has announced them
	MaxAge   time.Duration      // message.max_age
	Keep     time.Duration      // message.keep
	Replicas int                // redis.wait_replicas
	By       string             // who ends doubts here, a word for the history
	// Counting is told what is done to permits here; nil: nobody is.
	Counting func(account string, t message.PermitType, operation string)
}

// Desk is where messages are handed over, looked up, ended and restarted.
type Desk struct {
	Intake    intake.Intake
	Lookup    intake.Lookup
	Canceller intake.Canceller
	Resolver  intake.Resolver
	Replayer  intake.Replayer
	Ends      intake.Ends
	Doubts    Doubts
	Deeds     Deeds
	Finder    intake.Finder
	Permits   intake.Pool
	Operator  operator.Operator
	Wishes    intake.Suppressor
	Batches   intake.Batches
	Book      *ledger.Ledger
	Accounts  *registry.Registry
	Catalogue *catalogue.Catalogue

	redis redis.UniversalClient
}

// New puts a desk together. It does not connect: the first call does.
func New(client redis.UniversalClient, o Options) *Desk {
	d := &Desk{Book: ledger.New(client, ledger.Counting(o.Counting), ledger.Durably(store.Replicated(client, o.Replicas))), Accounts: registry.New(client, o.Known...), Catalogue: catalogue.New(client), redis: client}
	queue := tasks.NewQueue(client, tasks.Durably(store.Replicated(client, o.Replicas)))
	opener := intake.NewOpener(d.Book, o.By)
	requeue := intake.Requeuer{Contents: d.Book, Queue: queue, Opener: opener, Now: time.Now, Keep: o.Keep}
	d.Intake = intake.Intake{Accounts: d.Accounts, Book: d.Book, Permits: d.Book, Queue: queue, Asks: d.Book, Puts: queue, Opener: opener,
		Templates: catalogue.Copied(d.Catalogue, time.Now), Now: time.Now, NewID: intake.ULID, MaxAge: o.MaxAge, Keep: o.Keep}
	d.Lookup = intake.Lookup{Accounts: d.Accounts, Book: d.Book, Waiting: queue}
	d.Canceller = intake.Canceller{Lookup: d.Lookup, Marks: d.Book, Places: queue, MaxAge: o.MaxAge, Keep: o.Keep}
	d.Resolver = intake.Resolver{Lookup: d.Lookup, Doubts: d.Book, Requeue: requeue, By: o.By}
	d.Replayer = intake.Replayer{Lookup: d.Lookup, Lives: d.Book, Requeue: requeue, Clock: d.Clock}
	d.Ends = intake.Ends{Accounts: d.Accounts, Book: d.Book, Replayer: d.Replayer}
	d.Deeds = Deeds{d.Book}
	d.Doubts = Doubts{resolver: d.Resolver, ends: d.Ends, deeds: d.Deeds}
	d.Finder = intake.Finder{Accounts: d.Accounts, Records: d.Book, Now: time.Now, MaxAge: o.MaxAge, Keep: o.Keep}
	d.Operator = operator.Operator{Accounts: d.Accounts, Book: d.Book, Queues: queue, Rates: rates{client}, Tokens: tokens{client}}
	d.Permits = intake.Pool{Accounts: d.Accounts, Stock: d.Book, Now: time.Now, NewID: intake.ULID}
	d.Batches = intake.Batches{Accounts: d.Accounts, Book: d.Book, Queues: queue, By: o.By, MaxAge: o.MaxAge, Keep: o.Keep, Now: time.Now}
	d.Wishes = intake.Suppressor{Accounts: d.Accounts, Wishes: d.Book, Now: time.Now}
	return d
}

// Clock is the time on Redis's clock; class Unavailable when it is away.
func (d *Desk) Clock(ctx context.Context) (time.Time, error) {
	now, err := d.redis.Time(ctx).Result()
	if err != nil {
		return now, &fault.Error{Op: "desk.clock", Class: fault.Unavailable, Message: "Redis did not answer", Err: err}
	}
	return now, nil
}
