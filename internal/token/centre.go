// Package token is the token centre: one access_token of an account for all
// its workers, and for every other program that asks enqueue serve for it.
//
// The token is kept in Redis, and each process holds a copy, so that getting it
// costs no trip. One process at a time fetches a new one, under a lock that
// lapses when its owner dies: ahead of the old one's end, while that is served,
// and when WeChat refuses it.
//
// Its promises: however many ask in however many processes, one fetch runs at a
// time; a token that failed is replaced only while it is still the current one,
// and is not handed out again before its source has said something new; a fetch
// is stored only while its fetcher owns the lock; a source that fails is left
// alone for a growing while, whoever asks. No clock but Redis's is trusted. With
// Redis away a process goes on with its copy until that ends, and fetches
// nothing behind Redis's back. No error, log line or Standing holds a token.
//
// How a token is fetched is the Source's to know; who calls with a token, and
// how often a refused message is sent again, is decided elsewhere; what stops
// when no token is to be had, by whoever listens to Troubled and Mended.
package token

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/singleflight"

	"wxdispatch/internal/fault"
)

// Source fetches an account's tokens.
type Source interface {
	// Fetch returns a token and for how long it is good from now. stale is the
	// token that failed, or "" for an ordinary fetch; force kills the current
	// token and makes a new one, where the source knows such a thing
	// (stable_token's force_refresh). It blocks until ctx ends at most. Its
	// error should be a *fault.Error without secrets: its class decides how
	// long the source is left alone, and its words are shown to people.
	Fetch(ctx context.Context, stale string, force bool) (value string, expiresIn time.Duration, err error)
}

// Options of a Centre. Account and AppID are needed.
type Options struct {
	Account string
	// AppID is whose tokens these are: what another appid left under the
	// account's name is not used.
	AppID string
	// Mode is shown to people: stable, classic, external.
	Mode string
	// Credentials tell one secret from another without showing any: what the
	// last one's failure was need not hold for the next.
	Credentials string
	// Forces: the source knows force (mode stable).
	Forces bool
	// Host is this machine's name, the system's when empty. Own tells a failure
	// that is this machine's alone (its address is not on a whitelist): others
	// may try at once. nil: no failure is.
	Host string
	Own  func(err *fault.Error) bool
	// Troubled is told each time that a fetch fails for a reason that only a
	// person or another day ends (classes account, daily and their like), in
	// the one process that fetched. err has WeChat's words, code and rid, and
	// RetryAfter, the time until the next try. One machine's own failure is told
	// only when there is no good token either. It should not block for long.
	Troubled func(ctx context.Context, err *fault.Error)
	// Mended is told of each good fetch, in the process that fetched; after is
	// what the fetch before it failed with, or nil.
	Mended func(ctx context.Context, after *fault.Error)

	Now   func() time.Time     // this process's clock; default time.Now
	Ahead func() time.Duration // how long before its end a token is renewed; default 300 to 600 s at random
	Log   *slog.Logger         // default: none
}

// Centre is one process's part in the token centre of one account. It may be
// used by many goroutines at once; Close ends it.
type Centre struct {
	source  Source
	book    book
	o       Options
	log     *slog.Logger
	flight  singleflight.Group
	ctx     context.Context // of all that runs: no caller's end is theirs
	cancel  context.CancelFunc
	running sync.WaitGroup

	copy   atomic.Pointer[held]
	reread time.Duration // the most that a copy ages without news

	mu     sync.Mutex
	closed bool
	bell   chan struct{} // closed when the copy changes
}

// New makes a token centre. It dials nothing until it is asked or started.
func New(client redis.UniversalClient, source Source, o Options) *Centre {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Ahead == nil {
		o.Ahead = func() time.Duration { return 300*time.Second + rand.N(300*time.Second) }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Host == "" {
		o.Host, _ = os.Hostname() // without a name all such machines are one
	}
	c := &Centre{source: source, o: o, log: o.Log.With(slog.String("account", o.Account)), bell: make(chan struct{}), reread: reread}
	c.book = book{redis: client, account: o.Account, appID: o.AppID, credentials: o.Credentials, mode: o.Mode, host: o.Host}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c
}

// Start keeps the copy fresh in the background until Close: it learns what
// other processes did, and renews the token ahead of its end. It fetches no
// token that nobody ever asked for. It is called once.
func (c *Centre) Start() {
	if c.enter() {
		go c.keep()
	}
}

// Token returns the account's access_token. It blocks only where none is at
// hand, and until ctx ends at most; a fetch goes on for the others then.
//
// Its error is ctx's own, or a *fault.Error with RetryAfter set: class
// Unavailable when Redis is away and the copy has ended, else the class of the
// fetch that failed; until then nobody fetches.
func (c *Centre) Token(ctx context.Context) (string, error) {
	if h := c.copy.Load(); h.good(c.o.Now()) {
		return h.value, nil
	}
	return c.ask(ctx, "")
}

// Refresh says that WeChat refused the token stale, and returns a good one. If
// stale is still the account's current one it is not handed out again, and one
// fetch replaces it for all processes; else the current one is returned. It
// takes a trip to Redis, and blocks and fails as Token does.
func (c *Centre) Refresh(ctx context.Context, stale string) (string, error) {
	return c.ask(ctx, stale)
}

// Life is how old this process's copy of the token is, counted from its fetch,
// and for how long it is good yet; 0 both when there is none. It asks nobody.
func (c *Centre) Life() (age, left time.Duration) {
	h, now := c.copy.Load(), c.o.Now()
	if !h.good(now) {
		return 0, 0
	}
	return now.Sub(h.fetched), h.expires.Sub(now)
}

// Lifetime is for how long yet value is good, as far as this process knows: 0
// for any token but the current one. It asks nobody.
func (c *Centre) Lifetime(value string) time.Duration {
	h, now := c.copy.Load(), c.o.Now()
	if !h.good(now) || h.value != value {
		return 0
	}
	return h.expires.Sub(now)
}

// Close ends what runs and waits for it; a fetch of this process is left to
// the others. Afterwards every call fails with class Unavailable.
func (c *Centre) Close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.cancel()
	c.running.Wait()
	c.copy.Store(nil)
}

// enter counts one more that Close waits for; false after Close.
func (c *Centre) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.running.Add(1)
	}
	return !c.closed
}

func errClosed() error {
	return &fault.Error{Op: "token.get", Class: fault.Unavailable, RetryAfter: comeBack, Message: "the token centre is closed"}
}
