// Package ledger is an account's book in Redis of what was tried: one record a
// message, changed only by Lua scripts that are one decision each.
//
// Its promise: however many workers ask, and whatever dies between two asks,
// at most one run holds a message at a time, a final state stays final, and an
// attempt whose outcome nobody knows is never forgotten. Every script runs on
// Redis's clock, names all its keys, and may be repeated with the same run
// without changing anything twice.
//
// It leaves to others: what an errcode means and when to come back
// (internal/dispatch), what still waits (asynq, internal/tasks), and the calls.
package ledger

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// Ledger is the book of all accounts of one Redis. It is safe for concurrent
// use and holds nothing but the connection, which belongs to the caller.
type Ledger struct {
	redis      redis.UniversalClient
	replicated Replicated
	plain      *gathering // of asks that are done once Redis has them
	durable    *gathering // and of those that enough replicas must have
	outage     outage
	counted    func(account string, t message.PermitType, operation string)
	host       string
}

// Option changes what New makes.
type Option func(*Ledger)

// Outages sets how long a kind is parked when WeChat is away: first, and twice
// as long each time it is found away still, up to most. 10 s and 1 min unless
// set.
func Outages(first, most time.Duration) Option {
	return func(l *Ledger) { l.outage = outage{first, most} }
}

// Counting tells what was done to permits, use by use: added, held, spent,
// released, void, exhaust, lapsed (held, and over by time or voided), removed.
// It is called for each change that this process made, and must not block.
func Counting(counted func(account string, t message.PermitType, operation string)) Option {
	return func(l *Ledger) { l.counted = counted }
}

// Host names the machine that parks are told to come from.
func Host(name string) Option { return func(l *Ledger) { l.host = name } }

// New returns the ledger in the given Redis.
func New(client redis.UniversalClient, options ...Option) *Ledger {
	l := &Ledger{redis: client, outage: outage{outageFirst, outageMost}}
	for _, set := range options {
		set(l)
	}
	l.plain = newGathering(l.fly)
	if l.durable = l.plain; l.replicated != nil {
		l.durable = newGathering(l.flyDurably)
	}
	return l
}

// run asks for one decision and hands back its answer as a list. Any failure is
// class Unavailable: the script may or may not have run, so the caller repeats it
// with the same run.
func (l *Ledger) run(ctx context.Context, op string, a ask) ([]any, error) {
	return l.one(ctx, op, l.plain, a)
}

// runAlone is run of a script that is about no message.
func (l *Ledger) runAlone(ctx context.Context, op string, script *redis.Script, keys []string, args ...any) ([]any, error) {
	answer, err := script.Run(ctx, l.redis, keys, args...).Slice()
	if err != nil {
		return nil, unavailable(op, err)
	}
	return answer, nil
}

// runDurably is run, and comes back only once enough replicas have what the
// script wrote. An error leaves it open whether the script ran; the caller asks
// again or gives back.
func (l *Ledger) runDurably(ctx context.Context, op string, a ask) ([]any, error) {
	return l.one(ctx, op, l.durable, a)
}

func (l *Ledger) one(ctx context.Context, op string, g *gathering, a ask) ([]any, error) {
	answer, err := g.Do(ctx, a.account, a)
	if err != nil {
		return nil, unavailable(op, err)
	}
	return answer, nil
}

// refusedByRedis tells an answer of Redis's own from one that never came.
func refusedByRedis(err error) bool {
	var refused redis.Error
	return errors.As(err, &refused) && !errors.Is(err, redis.Nil)
}

func unavailable(op string, err error) error {
	if errors.Is(err, redis.Nil) {
		return &fault.Error{Op: op, Class: fault.NotFound, Message: "there is no such record"}
	}
	return &fault.Error{Op: op, Class: fault.Unavailable, Message: "Redis did not answer", Err: err}
}
