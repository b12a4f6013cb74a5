// Package check looks whether everything is there that a worker needs, before
// one is started: configuration, Redis, the way to WeChat, tokens.
//
// Its promise: it changes nothing that anyone relies on (no token is forced or
// replaced unasked, no key is written), every result says what was found and
// what to do, and no result holds a secret or a token. One thing that is wrong
// hides no other.
//
// It dials nothing itself: Redis and WeChat are small interfaces, with the
// adapters NewRedis and NewWeChat. Flags and exit codes are for cmd/worker.
package check

import (
	"context"
	"iter"

	"wxdispatch/internal/config"
)

// Level is how a check came out.
type Level string

// The three levels.
const (
	OK   Level = "ok"
	Warn Level = "warn" // the worker runs, but something is less than it could be, or was not checked
	Fail Level = "fail" // the worker would not start, or could not send
)

// Result is what one check found.
type Result struct {
	Name    string // what was looked at
	Account string // whose it is; empty: everyone's
	Level   Level
	Words   string // what was found
	Do      string // what to do about it; empty: nothing, or Words say it
}

// OK tells whether a worker can do with what was found.
func (r Result) OK() bool { return r.Level != Fail }

// Options say what is checked, and with what.
type Options struct {
	Config   *config.Config // nil: it could not be loaded; then only Mistakes are told
	Mistakes error          // of config.Load, or of CheckWorker
	Account  string         // the only account to look at; empty: all
	// FetchToken fetches a token in mode classic, too, where that replaces the
	// one in use.
	FetchToken bool
	Redis      Redis // nil: not asked; never asked in mode embedded
	// WeChat opens the way to WeChat of an account. Its error is told as a
	// mistake of that account.
	WeChat func(name string, a config.Account) (WeChat, error)
}

// Run checks one thing after the other and yields each result as soon as it is
// known. Each range over it checks anew. It ends early when ctx does: what is
// left then fails.
func Run(ctx context.Context, o Options) iter.Seq[Result] {
	return func(yield func(Result) bool) {
		for _, step := range o.steps() {
			for _, result := range step(ctx) {
				if !yield(result) {
					return
				}
			}
		}
	}
}

// step is one part of the checks.
type step func(ctx context.Context) []Result

func (o Options) steps() []step {
	steps := []step{o.configuration}
	if o.Config == nil {
		return steps
	}
	steps = append(steps, o.redis)
	for _, name := range o.accounts() {
		steps = append(steps, func(ctx context.Context) []Result { return o.account(ctx, name) })
	}
	return steps
}
