package ledger

import (
	"context"
	"errors"
	"slices"

	"github.com/redis/go-redis/v9"
)

// mostTurns is how many messages one call of a script decides about at most: it
// holds Redis for so long, which is some milliseconds.
const mostTurns = 64

// ask is one question of many.
type ask struct {
	script *redis.Script
	keys   []string
	args   []any
	alone  bool // the script knows nothing of turns (lua/turn.lua)
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
	last := c.asks[len(c.asks)-1]
	return !a.alone && len(c.asks) < mostTurns && a.script == last.script &&
		len(a.keys) == len(last.keys) && len(a.args) == len(last.args) && slices.Equal(a.keys[:shared], last.keys[:shared])
}

func (c call) keys() []string {
	if c.asks[0].alone {
		return c.asks[0].keys
	}
	own := len(c.asks[0].keys) - shared
	keys := make([]string, 0, shared+own*len(c.asks))
	keys = append(keys, c.asks[0].keys[:shared]...)
	for _, a := range c.asks {
		keys = append(keys, a.keys[shared:]...)
	}
	return keys
}

func (c call) args() []any {
	if c.asks[0].alone {
		return c.asks[0].args
	}
	args := make([]any, 0, 1+len(c.asks[0].args)*len(c.asks))
	args = append(args, len(c.asks))
	for _, a := range c.asks {
		args = append(args, a.args...)
	}
	return args
}

// read takes a call's reply apart: an answer for each of its asks.
func (c call) read(reply *redis.Cmd) ([][]any, error) {
	list, err := reply.Slice()
	if err != nil {
		return nil, err
	}
	if c.asks[0].alone {
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
		replies[i] = c.asks[0].script.EvalSha(ctx, pipe, c.keys(), c.args()...)
	}
	return replies
}

// teach loads the scripts of those calls.
func teach(ctx context.Context, client redis.UniversalClient, calls []call) error {
	known := map[*redis.Script]bool{}
	for _, c := range calls {
		script := c.asks[0].script
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
