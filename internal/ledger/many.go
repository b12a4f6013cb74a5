package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"
)

// mostTurns is how many messages one call of a script decides about at most: it
// holds Redis for so long, which is some milliseconds.
const mostTurns = 64

// ask is one question of many.
type ask struct {
	decision decision
	account  string   // "": the script knows nothing of turns (lua/turn.lua)
	keys     []string // its own, behind the account's
	common   string   // what it has in common with others, words with a blank between
	args     []any
}

// runMany carries out scripts in one trip, in their order, and answers each. A
// Redis that does not know them yet (it was restarted, or this is the first
// time) learns them and is asked again. An error leaves open which ones ran.
func (l *Ledger) runMany(ctx context.Context, op string, asks []ask) ([][]any, error) {
	answers, err := runMany(ctx, l.redis, asks)
	if err != nil {
		return nil, unavailable(op, err)
	}
	return answers, nil
}

func runMany(ctx context.Context, client redis.UniversalClient, asks []ask) ([][]any, error) {
	answers := make([][]any, len(asks))
	calls := callsOf(asks)
	unknown, err := try(ctx, client, calls, answers)
	if err == nil && len(unknown) > 0 {
		if err = teach(ctx, client, unknown); err == nil {
			unknown, err = try(ctx, client, unknown, answers)
		}
		if err == nil && len(unknown) > 0 {
			err = errors.New("NOSCRIPT again, after the script was loaded")
		}
	}
	return answers, err
}

// call is one script's run over one or many asks that follow each other.
type call struct {
	first int // of its asks, the place of the first
	asks  []ask
}

// callsOf puts asks together that one run of a script can decide: neighbours of
// one script and one account.
func callsOf(asks []ask) []call {
	var calls []call
	for i, a := range asks {
		if n := len(calls) - 1; n >= 0 && calls[n].takes(a) {
			calls[n].asks = asks[calls[n].first : i+1]
			continue
		}
		calls = append(calls, call{i, asks[i : i+1]})
	}
	return calls
}

func (c call) takes(a ask) bool {
	first := c.asks[0]
	return a.account != "" && a.account == first.account && a.decision.in == first.decision.in && len(c.asks) < mostTurns
}

// turns tells whether the script decides about messages in turn.
func (c call) turns() bool { return c.asks[0].account != "" }

func (c call) keys() []string {
	if !c.turns() {
		return c.asks[0].keys
	}
	keys := accountKeys(c.asks[0].account)
	keys = slices.Grow(keys, len(c.asks)*len(c.asks[0].keys))
	for _, a := range c.asks {
		keys = append(keys, a.keys...)
	}
	return keys
}

// args are the arguments of groups of neighbours that differ in their own only.
func (c call) args() []any {
	if !c.turns() {
		return c.asks[0].args
	}
	args := make([]any, 0, 1+len(c.asks)*(1+len(c.asks[0].args)))
	for first := 0; first < len(c.asks); {
		a, next := c.asks[first], first+1
		for next < len(c.asks) && c.asks[next].groups(a) {
			next++
		}
		args = append(args, fmt.Sprintf("%s %d %d %d %s", a.decision.name, next-first, len(a.keys), len(a.args), a.common))
		for ; first < next; first++ {
			args = append(args, c.asks[first].args...)
		}
	}
	return args
}

// groups tells whether two asks differ in their own keys and arguments only.
func (a ask) groups(b ask) bool {
	return a.decision == b.decision && a.common == b.common && len(a.keys) == len(b.keys) && len(a.args) == len(b.args)
}

// read takes a call's reply apart: an answer for each of its asks.
func (c call) read(reply *redis.Cmd) ([][]any, error) {
	list, err := reply.Slice()
	if err != nil {
		return nil, err
	}
	if !c.turns() {
		return [][]any{list}, nil
	}
	if len(list) != len(c.asks) {
		return nil, errors.New("a script answered for other messages than it was asked about")
	}
	answers := make([][]any, len(list))
	for i, one := range list {
		answer, ok := one.([]any)
		if !ok {
			return nil, errors.New("a script's answer is no list")
		}
		answers[i] = answer
	}
	return answers, nil
}

// try makes the calls and puts their answers into their places. It returns the
// calls whose script Redis does not know, and the first error.
func try(ctx context.Context, client redis.UniversalClient, calls []call, answers [][]any) (unknown []call, err error) {
	pipe := client.Pipeline()
	replies := send(ctx, pipe, calls)
	_, _ = pipe.Exec(ctx) // each reply has its own error
	for i, c := range calls {
		list, failed := c.read(replies[i])
		copy(answers[c.first:], list)
		if redis.HasErrorPrefix(failed, "NOSCRIPT") {
			unknown = append(unknown, c)
		} else if err == nil {
			err = failed
		}
	}
	return unknown, err
}

// send puts calls into a pipeline.
func send(ctx context.Context, pipe redis.Pipeliner, calls []call) []*redis.Cmd {
	replies := make([]*redis.Cmd, len(calls))
	for i, c := range calls {
		replies[i] = c.asks[0].decision.in.EvalSha(ctx, pipe, c.keys(), c.args()...)
	}
	return replies
}

// teach loads the scripts of those calls.
func teach(ctx context.Context, client redis.UniversalClient, calls []call) error {
	known := map[*redis.Script]bool{}
	for _, c := range calls {
		script := c.asks[0].decision.in
		if known[script] {
			continue
		}
		if err := script.Load(ctx, client).Err(); err != nil {
			return err
		}
		known[script] = true
	}
	return nil
}
