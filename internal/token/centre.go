// Package token keeps one account's access_token: fetched once for all who
// ask, renewed ahead of its end while the old one is served, and replaced when
// WeChat refuses it.
//
// Its promises: however many ask, one fetch runs at a time; a token that failed
// is replaced only while it is still the current one, and is not handed out
// again; a source that fails is left alone for a growing while, in which every
// caller gets its last error at once. No error or log line holds a token.
//
// How a token is fetched is the Source's to know; who calls with a token, and
// how often a refused message is sent again, is decided elsewhere.
package token

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"wxdispatch/internal/fault"
)

// Source fetches an account's tokens.
type Source interface {
	// Fetch returns a token and for how long it is good from now. stale is the
	// token that failed, or "" for an ordinary fetch. It blocks until ctx ends
	// at most. Its error should be a *fault.Error: the class decides how long
	// the source is left alone.
	Fetch(ctx context.Context, stale string) (value string, expiresIn time.Duration, err error)
}

// fetchLimit is the longest that one fetch may take, its second call included.
const fetchLimit = 30 * time.Second

// Options of a Centre. The zero value is good for use.
type Options struct {
	Account string               // for log lines
	Now     func() time.Time     // the clock; default time.Now
	Ahead   func() time.Duration // how long before its end a token is renewed; default 300 to 600 s at random
	Log     *slog.Logger         // default: none
}

// Centre is the token centre of one account. It may be used by many goroutines
// at once; Close ends it.
type Centre struct {
	source  Source
	now     func() time.Time
	ahead   func() time.Duration
	log     *slog.Logger
	flight  singleflight.Group
	ctx     context.Context // of the fetches: no caller's end is theirs
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu     sync.Mutex
	book   book
	closed bool
}

// New makes a token centre. It fetches nothing until asked.
func New(source Source, o Options) *Centre {
	c := &Centre{source: source, now: o.Now, ahead: o.Ahead, log: o.Log}
	if c.now == nil {
		c.now = time.Now
	}
	if c.ahead == nil {
		c.ahead = func() time.Duration { return 300*time.Second + rand.N(300*time.Second) }
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.log = c.log.With(slog.String("account", o.Account))
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c
}

// Token returns the account's access_token. It blocks only where none is at
// hand, and until ctx ends at most; the fetch goes on for the others then.
//
// Its error is ctx's own, or a *fault.Error with the class of the failed fetch
// and RetryAfter set: until then every call fails at once, without a fetch.
func (c *Centre) Token(ctx context.Context) (string, error) {
	for {
		c.mu.Lock()
		step, value, err := c.book.next(c.now())
		closed := c.closed
		c.mu.Unlock()
		switch {
		case closed:
			return "", errClosed()
		case step == serve:
			return value, nil
		case step == renew:
			c.flight.DoChan("", c.fetch) // nobody waits for it
			return value, nil
		case step == fail:
			return "", err
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case got := <-c.flight.DoChan("", c.fetch):
			if !errors.Is(got.Err, errOutdated) {
				value, _ := got.Val.(string)
				return value, got.Err
			}
		}
	}
}

// Refresh says that WeChat refused the token stale, and returns a good one. If
// stale is still the current one it is never handed out again, and one fetch
// replaces it for all callers; else the current one is returned at once. It
// blocks and fails as Token does.
func (c *Centre) Refresh(ctx context.Context, stale string) (string, error) {
	c.mu.Lock()
	c.book.condemn(stale)
	c.mu.Unlock()
	return c.Token(ctx)
}

// ExpiresAt returns when the current token ends, or zero when there is none.
func (c *Centre) ExpiresAt() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.book.expiresAt
}

// Close ends a fetch that runs and waits for it. Afterwards every call fails
// with class unavailable.
func (c *Centre) Close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.cancel()
	c.running.Wait()
}

func errClosed() error {
	return &fault.Error{Op: "token.get", Class: fault.Unavailable, Message: "the token centre is closed"}
}
