package store

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Gate says whether a task may be taken from a queue now.
type Gate interface {
	// Enter takes a place for one task; false: not now. It does not block.
	Enter() bool
	// Leave gives the place back: there was no task.
	Leave()
}

// Gated is a client for one of asynq's servers, which have no say in when they
// take a task and take one a trip: while the gate is closed, their question for
// one is answered without a trip as if the queue were empty, and asked again
// after a poll's pause; beside a full queue a trip brings several tasks, of which
// the next questions are answered. A server must have one of its own, and put
// back what it leaves.
type Gated struct {
	redis.UniversalClient
	gate  Gate
	shelf *shelf
}

// NewGated wraps a client for one server of one queue.
func NewGated(client redis.UniversalClient, gate Gate) *Gated {
	return &Gated{client, gate, newShelf(client, gate.Leave)}
}

// PutBack lets tasks that were taken and not asked for wait again. It must be
// called when the server asks no more.
func (g *Gated) PutBack(ctx context.Context) error { return g.shelf.clear(ctx) }

// Eval is what asynq runs a script by that Redis does not know yet.
func (g *Gated) Eval(ctx context.Context, script string, keys []string, args ...any) *redis.Cmd {
	if takes(keys, args) {
		return g.next(ctx, keys, args)
	}
	return g.UniversalClient.Eval(ctx, script, keys, args...)
}

// EvalSha is what asynq runs its scripts by.
func (g *Gated) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	if takes(keys, args) {
		return g.next(ctx, keys, args)
	}
	return g.UniversalClient.EvalSha(ctx, sha, keys, args...)
}

// next answers a question for a task.
func (g *Gated) next(ctx context.Context, keys []string, args []any) *redis.Cmd {
	cmd := redis.NewCmd(ctx)
	msg, ok := g.shelf.next()
	if !ok {
		var err error
		if msg, err = g.fetch(ctx, keys, args); err != nil {
			cmd.SetErr(err)
			return cmd
		}
	}
	cmd.SetVal(msg)
	return cmd
}

// fetch takes as many tasks as there are places, and as the last trips let
// expect. A place is held for each task that is here.
func (g *Gated) fetch(ctx context.Context, keys []string, args []any) (any, error) {
	n := 0
	for want := g.shelf.wanted(); n < want && g.gate.Enter(); {
		n++
	}
	if n == 0 {
		return nil, redis.Nil
	}
	msg, err := g.shelf.fill(ctx, keys, args[0], args[1], n)
	if err != nil && err != redis.Nil {
		for range n {
			g.gate.Leave()
		}
	}
	return msg, err
}

// takes tells by its keys and arguments whether a script is the one that takes a
// task (asynq's internal/rdb, Dequeue).
func takes(keys []string, args []any) bool {
	if len(keys) != 4 || len(args) != 2 {
		return false
	}
	for i, end := range []string{":pending", ":paused", ":active", ":lease"} {
		if !strings.HasSuffix(keys[i], end) {
			return false
		}
	}
	return true
}
