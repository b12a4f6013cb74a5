package token_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message/keys"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/secrettest"
	"wxdispatch/internal/token"
)

// mint is a source that brings SECRET-1, SECRET-2 … and counts.
type mint struct {
	mu     sync.Mutex
	life   time.Duration
	err    error
	echo   bool // an ordinary fetch brings the last one again
	made   int
	stales []string // what each fetch was told
	forced int
	gate   chan struct{} // when set, each fetch takes a word from it first
}

func (m *mint) Fetch(ctx context.Context, stale string, force bool) (string, time.Duration, error) {
	m.mu.Lock()
	gate := m.gate
	m.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return "", 0, ctx.Err()
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stales = append(m.stales, stale)
	if force {
		m.forced++
	}
	if m.err != nil {
		return "", 0, m.err
	}
	if !m.echo || force || m.made == 0 {
		m.made++
	}
	return fmt.Sprintf("SECRET-%d", m.made), m.life, nil
}

func (m *mint) fails(err error) { m.mu.Lock(); m.err = err; m.mu.Unlock() }
func (m *mint) fetches() int    { m.mu.Lock(); defer m.mu.Unlock(); return len(m.stales) }

// world is a Redis whose clock a test moves, together with the processes'.
type world struct {
	*testing.T
	server *miniredis.Miniredis
	client redis.UniversalClient
	source *mint
	log    *logbook

	mu  sync.Mutex
	now time.Time
}

func newWorld(t *testing.T) *world {
	w := &world{T: t, server: miniredis.RunT(t), source: &mint{life: 2 * time.Hour}, log: &logbook{},
		now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	w.server.SetTime(w.now)
	w.client = redistest.Client(t, w.server.Addr())
	t.Cleanup(func() { secrettest.Hidden(t, "the log", w.log.String(), "SECRET-") })
	return w
}

// centre is one process's; change what it is told before it is made.
func (w *world) centre(change ...func(*token.Options)) *token.Centre {
	o := token.Options{Account: "shop", AppID: "wx1", Mode: "stable", Credentials: "c1", Forces: true, Now: w.clock,
		Ahead: func() time.Duration { return 300 * time.Second },
		Log:   slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	for _, c := range change {
		c(&o)
	}
	c := token.New(w.client, w.source, o)
	w.Cleanup(c.Close)
	return c
}

func (w *world) clock() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.now }

// pass lets time go by for everybody, and wakes who looks by the clock.
func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	w.now = w.now.Add(d)
	w.server.SetTime(w.now)
	w.mu.Unlock()
	w.server.FastForward(d)
	w.client.Publish(context.Background(), keys.Token("shop"), "")
}

func (w *world) want(c *token.Centre, value string) {
	w.Helper()
	if got, err := c.Token(w.Context()); err != nil || got != value {
		w.Fatalf("Token is right: %t, %v; want %s", got == value, err, value)
	}
}

func (w *world) refreshed(c *token.Centre, stale, value string) {
	w.Helper()
	if got, err := c.Refresh(w.Context(), stale); err != nil || got != value {
		w.Fatalf("Refresh is right: %t, %v; want %s", got == value, err, value)
	}
}

func (w *world) fetched(want int) {
	w.Helper()
	if n := w.source.fetches(); n != want {
		w.Fatalf("%d fetches, want %d", n, want)
	}
}

// left is for how long a process's copy is good yet.
func left(c *token.Centre) time.Duration {
	_, d := c.Life()
	return d
}

// come waits for something that the background does.
func come(t *testing.T, what string, there func() bool) {
	t.Helper()
	end := time.NewTimer(20 * time.Second)
	defer end.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !there() {
		select {
		case <-tick.C:
		case <-end.C:
			t.Fatalf("it does not come: %s", what)
		}
	}
}

// crowd calls get n times at once and returns what came.
func crowd(n int, get func() (string, error)) map[string]int {
	var mu sync.Mutex
	var all sync.WaitGroup
	seen := make(map[string]int)
	for range n {
		all.Go(func() {
			value, err := get()
			if err != nil {
				value = string(fault.ClassOf(err))
			}
			mu.Lock()
			defer mu.Unlock()
			seen[value]++
		})
	}
	all.Wait()
	return seen
}

// logbook is a log that many write and a test reads.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logbook) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.text.String() }
