package token

import (
	"context"
	"log/slog"
	"time"

	"wxdispatch/internal/fault"
)

const opFetch = "token.fetch"

// fetchLimit is the longest that one fetch may take, its second call included.
const fetchLimit = 30 * time.Second

// fetched is what a fetch brought.
type fetched struct {
	name    string
	value   string
	life    time.Duration
	ahead   time.Duration // how long before its end it is due
	started int64         // ms of Redis's clock
	stale   string        // the refused token that the source was told, or ""
}

// fetch asks the source for the owner of the lock, and writes down what came of
// it.
func (c *Centre) fetch(name string, s state) (string, error) {
	ctx, cancel := context.WithTimeout(c.ctx, fetchLimit)
	defer cancel()
	alive := c.holding(ctx, name)
	got, err := c.fetchAs(ctx, name, s)
	cancel()
	<-alive
	switch {
	case c.ctx.Err() != nil:
		c.abandon(name)
		return "", errClosed()
	case err == errAgain:
		return "", err
	case err != nil:
		return "", c.failed(name, s, known(err))
	}
	return c.keepFetched(got, s)
}

// holding gives signs of life until ctx ends; then the channel is closed.
func (c *Centre) holding(ctx context.Context, name string) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(holdEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				_, _ = c.book.hold(ctx, name) // whether it was in time, store finds out
			}
		}
	}()
	return done
}

// fetchAs makes the source's one call, and a forced one where the source gives
// the very token that WeChat refused.
func (c *Centre) fetchAs(ctx context.Context, name string, s state) (fetched, error) {
	stale := s.fields["s"]
	value, life, err := c.source.Fetch(ctx, stale, false)
	if err == nil && stale != "" && value == stale {
		value, life, err = c.contradicted(ctx, name, s, life)
	}
	switch {
	case err != nil:
		return fetched{}, err
	case value == "" || life <= 0:
		return fetched{}, &fault.Error{Op: opFetch, Class: fault.Unavailable,
			Message: "the source gave no token, or one that has ended"}
	}
	return fetched{name: name, value: value, life: life, ahead: min(c.o.Ahead(), life/2), started: s.now, stale: stale}, nil
}

// contradicted is where the source has just confirmed a token that WeChat
// refuses. A stable token is then forced anew, as often as WeChat allows; when
// the day's are used up, the confirmed one is tried again after a rest.
func (c *Centre) contradicted(ctx context.Context, name string, s state, life time.Duration) (string, time.Duration, error) {
	stale := s.fields["s"]
	if !c.o.Forces {
		return "", 0, &fault.Error{Op: opFetch, Class: fault.Busy, Message: "the source gave the token that WeChat refused once more"}
	}
	leave, err := c.book.force(ctx, name)
	if err != nil {
		return "", 0, err
	}
	switch leave.decision {
	case granted:
		c.log.Warn("WeChat refuses the token that it confirms, so a new one is forced; the old one dies at once",
			slog.String("forced_today", leave.fields["q"]))
		return c.source.Fetch(ctx, stale, true)
	case soon:
		return "", 0, &fault.Error{Op: opFetch, Class: fault.Busy, RetryAfter: leave.wait(),
			Message: "a new token was forced a moment ago; WeChat allows that every 30 s"}
	case spent:
		if -s.until("S") >= standing.first {
			return stale, life, nil
		}
		return "", 0, &fault.Error{Op: opFetch, Class: fault.Daily,
			Message: "WeChat refuses the token that it confirms, and a new one was forced 20 times today, which is all that it allows; find out which other program fetches or refreshes this account's token"}
	}
	return "", 0, errAgain
}

// keepFetched stores a fetched token and tells whoever listens.
func (c *Centre) keepFetched(got fetched, before state) (string, error) {
	s, err := c.written(func(ctx context.Context) (state, error) { return c.book.store(ctx, got) })
	switch {
	case err != nil:
		return "", err
	case s.decision != stored:
		c.log.Warn("a fetched token was not stored", slog.String("why", string(s.decision)))
		return "", errAgain
	}
	c.log.Info("token fetched", slog.Duration("expires_in", got.life), slog.Bool("refused_before", got.stale != ""),
		slog.String("generation", s.fields["i"]))
	if c.o.Mended != nil {
		c.o.Mended(context.WithoutCancel(c.ctx), before.trouble())
	}
	return got.value, nil
}

// failed writes down why there is no token, and for how long nobody asks again.
func (c *Centre) failed(name string, before state, err *fault.Error) error {
	failures, rest := before.failures(c.o.Credentials, err.Class)
	told, own := *err, c.o.Own != nil && c.o.Own(err)
	if own {
		_, rest = before.resting(c.book.machine(), c.o.Credentials)
		told.Message = "machine " + c.o.Host + ": " + err.Message
	}
	told.Op, told.RetryAfter = opFetch, max(backOff(err.Class, rest, before.left()), err.RetryAfter)
	if _, unwritten := c.written(func(ctx context.Context) (state, error) { return c.book.fail(ctx, name, &told, failures, own) }); unwritten != nil {
		c.log.Warn("why a token was not fetched could not be written down", slog.Any("error", unwritten))
	}
	c.log.Warn("token not fetched", slog.String("error", told.Error()), slog.Int("failures", failures+1), slog.Duration("next_try_in", told.RetryAfter))
	if own && before.left() > 0 {
		return &told // the others renew it
	}
	if stands(told.Class) && c.o.Troubled != nil {
		c.o.Troubled(context.WithoutCancel(c.ctx), &told)
	}
	return &told
}

// written is asked for what must be written down: it outlives Close.
func (c *Centre) written(question func(context.Context) (state, error)) (state, error) {
	at := c.o.Now()
	s, err := question(context.WithoutCancel(c.ctx))
	if err == nil {
		c.adopt(newHeld(s, c.book, at))
	}
	return s, err
}

// abandon leaves a fetch to the other processes at once.
func (c *Centre) abandon(name string) {
	if _, err := c.book.leave(context.WithoutCancel(c.ctx), name); err != nil {
		c.log.Warn("the lock of a token's fetch was not given back; it lapses by itself", slog.Any("error", err))
	}
}
