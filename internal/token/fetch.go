package token

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// errOutdated is a fetch's answer when the token that it brought was refused
// while it ran: whoever waits asks again.
var errOutdated = errors.New("the token was refused while it was fetched")

// fetch runs once for all who wait (singleflight). Whoever decided to fetch
// just before another fetch ended finds its result here and fetches nothing.
func (c *Centre) fetch() (any, error) {
	c.mu.Lock()
	started := c.now()
	step, value, err := c.book.next(started)
	stale := c.book.refused
	if c.closed {
		err = errClosed()
	} else if step == wait || step == renew {
		c.running.Add(1)
		defer c.running.Done()
	}
	c.mu.Unlock()
	if err != nil || step == serve {
		return value, err
	}

	ctx, cancel := context.WithTimeout(c.ctx, fetchLimit)
	defer cancel()
	value, life, err := c.source.Fetch(ctx, stale)
	return c.store(fetched{value: value, life: life, err: err, stale: stale, started: started})
}

// fetched is what a fetch brought.
type fetched struct {
	value   string
	life    time.Duration
	err     error
	stale   string // the refused token that the source was told
	started time.Time
}

func (c *Centre) store(got fetched) (any, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return "", errClosed()
	}
	err := c.book.record(got, c.now(), c.ahead())
	switch {
	case err == nil:
		c.log.Info("token fetched", slog.Duration("expires_in", got.life), slog.Bool("refused_before", got.stale != ""))
	case !errors.Is(err, errOutdated):
		c.log.Warn("token not fetched", slog.String("error", err.Error()),
			slog.Int("failures", c.book.failures), slog.Time("next", c.book.retryAt))
	}
	return got.value, err
}
