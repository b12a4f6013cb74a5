package ledger

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"
)

// ask is one question of many.
type ask struct {
	script *redis.Script
	keys   []string
	args   []any
}

// runMany carries out scripts in one trip, in their order, and answers each. A
// Redis that does not know them yet (it was restarted, or this is the first
// time) learns them and is asked again. An error leaves open which ones ran.
func (l *Ledger) runMany(ctx context.Context, op string, asks []ask) ([][]any, error) {
	answers := make([][]any, len(asks))
	places := make([]int, len(asks))
	for i := range places {
		places[i] = i
	}
	unknown, err := l.try(ctx, asks, places, answers)
	if err == nil && len(unknown) > 0 {
		if err = l.teach(ctx, asks, unknown); err == nil {
			unknown, err = l.try(ctx, asks, unknown, answers)
		}
		if err == nil && len(unknown) > 0 {
			err = errors.New("NOSCRIPT again, after the script was loaded")
		}
	}
	if err != nil {
		return nil, unavailable(op, err)
	}
	return answers, nil
}

// try asks those of places and puts their answers there. It returns the places
// whose script Redis does not know, and the first error.
func (l *Ledger) try(ctx context.Context, asks []ask, places []int, answers [][]any) (unknown []int, err error) {
	pipe := l.redis.Pipeline()
	replies := make([]*redis.Cmd, len(places))
	for n, i := range places {
		replies[n] = asks[i].script.EvalSha(ctx, pipe, asks[i].keys, asks[i].args...)
	}
	_, _ = pipe.Exec(ctx) // each reply has its own error
	for n, reply := range replies {
		answer, failed := reply.Slice()
		if redis.HasErrorPrefix(failed, "NOSCRIPT") {
			unknown = append(unknown, places[n])
		} else if err == nil {
			err = failed
		}
		answers[places[n]] = answer
	}
	return unknown, err
}

// teach loads the scripts of those places.
func (l *Ledger) teach(ctx context.Context, asks []ask, places []int) error {
	known := map[*redis.Script]bool{}
	for _, i := range places {
		script := asks[i].script
		if known[script] {
			continue
		}
		if err := script.Load(ctx, l.redis).Err(); err != nil {
			return err
		}
		known[script] = true
	}
	return nil
}
