package token

import (
	"errors"
	"time"

	"wxdispatch/internal/fault"
)

// book is what a centre knows of its token. Its methods are decisions: they
// neither block nor read a clock.
type book struct {
	value     string // the current token, or ""
	expiresAt time.Time
	renewAt   time.Time // fetch ahead from then on
	refused   string    // the token that WeChat refused and that no fetch has replaced yet

	failure  error // of the last fetch, or nil
	failures int   // in a row
	retryAt  time.Time
}

// step is what a caller does next.
type step string

const (
	serve step = "serve" // take the token
	renew step = "renew" // take the token, and start a fetch
	wait  step = "wait"  // fetch, and wait for it
	fail  step = "fail"  // take the last fetch's error
)

// next tells what a caller at now does, with the token or the error for it.
func (b *book) next(now time.Time) (step, string, error) {
	leftAlone := now.Before(b.retryAt)
	switch good := b.value != "" && now.Before(b.expiresAt); {
	case good && (leftAlone || now.Before(b.renewAt)):
		return serve, b.value, nil
	case good:
		return renew, b.value, nil
	case leftAlone:
		return fail, "", retryAfter(b.failure, b.retryAt.Sub(now))
	}
	return wait, "", nil
}

// condemn gives up the current token if it is the one that was refused.
func (b *book) condemn(stale string) {
	if stale == "" || stale != b.value {
		return
	}
	b.refused, b.value, b.expiresAt = stale, "", time.Time{}
}

// record takes what a fetch brought. ahead is how long before its end the
// token should be renewed; one of a short life is renewed at half of it.
func (b *book) record(got fetched, now time.Time, ahead time.Duration) error {
	err := got.mistake()
	switch {
	case err != nil:
		return b.fail(err, now)
	case got.value == b.refused && got.stale == b.refused:
		return b.fail(&fault.Error{Op: "token.fetch", Class: fault.Busy,
			Message: "the source gave the token that WeChat refused once more"}, now)
	case got.value == b.refused:
		return errOutdated
	}
	*b = book{
		value:     got.value,
		expiresAt: got.started.Add(got.life),
		renewAt:   got.started.Add(got.life - min(ahead, got.life/2)),
	}
	return nil
}

// mistake is the fetch's error, or what is wrong with the token it brought.
func (f fetched) mistake() error {
	if f.err == nil && (f.value == "" || f.life <= 0) {
		return &fault.Error{Op: "token.fetch", Class: fault.Unavailable,
			Message: "the source gave no token, or one that has ended"}
	}
	return f.err
}

func (b *book) fail(err error, now time.Time) error {
	rest := max(backOff(fault.ClassOf(err), b.failures), fault.RetryAfter(err))
	b.failure, b.retryAt = err, now.Add(rest)
	b.failures++
	return retryAfter(err, rest)
}

// retryAfter returns err with class, code and words kept and RetryAfter set.
func retryAfter(err error, rest time.Duration) error {
	var known *fault.Error
	if !errors.As(err, &known) {
		return &fault.Error{Op: "token.fetch", Class: fault.Unavailable, RetryAfter: rest, Err: err}
	}
	told := *known
	told.RetryAfter = rest
	return &told
}
