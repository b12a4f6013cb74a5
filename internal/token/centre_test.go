package token_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/token"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// mint is a source whose fetches take a second and bring SECRET-1, SECRET-2 …
type mint struct {
	mu      sync.Mutex
	life    time.Duration
	err     error
	fetches int
	stales  []string
}

func (m *mint) Fetch(ctx context.Context, stale string) (string, time.Duration, error) {
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		return "", 0, ctx.Err()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fetches++
	m.stales = append(m.stales, stale)
	if m.err != nil {
		return "", 0, m.err
	}
	return fmt.Sprintf("SECRET-%d", m.fetches), m.life, nil
}

func (m *mint) fail(err error) { m.mu.Lock(); m.err = err; m.mu.Unlock() }
func (m *mint) count() int     { m.mu.Lock(); defer m.mu.Unlock(); return m.fetches }

// open runs a test on a centre in its own time.
func open(t *testing.T, m *mint, test func(t *testing.T, c *token.Centre)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		if m.life == 0 {
			m.life = 2 * time.Hour
		}
		c := token.New(m, token.Options{Account: "shop"})
		defer c.Close()
		test(t, c)
	})
}

func want(t *testing.T, c *token.Centre, value string) {
	t.Helper()
	if got, err := c.Token(t.Context()); err != nil || got != value {
		t.Fatalf("Token = %q, %v; want %q", got, err, value)
	}
}

// crowd calls get 1000 times at once and returns what came.
func crowd(get func() (string, error)) map[string]int {
	var mu sync.Mutex
	var wg sync.WaitGroup
	seen := make(map[string]int)
	for range 1000 {
		wg.Go(func() {
			value, err := get()
			if err != nil {
				value = string(fault.ClassOf(err))
			}
			mu.Lock()
			defer mu.Unlock()
			seen[value]++
		})
	}
	wg.Wait()
	return seen
}

func TestACrowdCausesOneFetch(t *testing.T) {
	m := new(mint)
	open(t, m, func(t *testing.T, c *token.Centre) {
		if seen := crowd(func() (string, error) { return c.Token(t.Context()) }); seen["SECRET-1"] != 1000 {
			t.Fatalf("tokens: %v", seen)
		}
		if seen := crowd(func() (string, error) { return c.Refresh(t.Context(), "SECRET-1") }); seen["SECRET-2"] != 1000 {
			t.Fatalf("tokens after a refusal: %v", seen)
		}
		if m.count() != 2 || m.stales[0] != "" || m.stales[1] != "SECRET-1" {
			t.Fatalf("%d fetches, told %q", m.count(), m.stales)
		}
		want(t, c, "SECRET-2")
	})
}

func TestALateRefusalOfAnOldTokenFetchesNothing(t *testing.T) {
	m := new(mint)
	open(t, m, func(t *testing.T, c *token.Centre) {
		want(t, c, "SECRET-1")
		for range 3 {
			if got, err := c.Refresh(t.Context(), "SECRET-1"); err != nil || got != "SECRET-2" {
				t.Fatalf("Refresh = %q, %v", got, err)
			}
		}
		if m.count() != 2 {
			t.Fatalf("%d fetches", m.count())
		}
	})
}

func TestTheOldTokenIsServedWhileItIsRenewed(t *testing.T) {
	m := new(mint)
	open(t, m, func(t *testing.T, c *token.Centre) {
		want(t, c, "SECRET-1")
		time.Sleep(2*time.Hour - 299*time.Second)
		begun := time.Now()
		crowd(func() (string, error) { want(t, c, "SECRET-1"); return "", nil })
		if took := time.Since(begun); took != 0 {
			t.Fatalf("callers waited %v for a token that was at hand", took)
		}
		time.Sleep(2 * time.Second)
		want(t, c, "SECRET-2")
		if m.count() != 2 || m.stales[1] != "" {
			t.Fatalf("%d fetches, told %q", m.count(), m.stales)
		}
	})
}

func TestNoRenewalBeforeItsTime(t *testing.T) {
	m := new(mint)
	open(t, m, func(t *testing.T, c *token.Centre) {
		want(t, c, "SECRET-1")
		time.Sleep(2*time.Hour - 602*time.Second)
		want(t, c, "SECRET-1")
		synctest.Wait()
		if m.count() != 1 {
			t.Fatalf("%d fetches", m.count())
		}
	})
}

func TestATokenOfTenSeconds(t *testing.T) {
	m := &mint{life: 10 * time.Second}
	open(t, m, func(t *testing.T, c *token.Centre) {
		for range 100 {
			if _, err := c.Token(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		// Each lives 5 s until it is due, and the fetch after that takes 1 s.
		if n := m.count(); n < 15 || n > 21 {
			t.Fatalf("%d fetches in 100 s", n)
		}
	})
}

func TestACallerThatLeavesTakesNobodyAlong(t *testing.T) {
	m := new(mint)
	open(t, m, func(t *testing.T, c *token.Centre) {
		ctx, cancel := context.WithCancel(t.Context())
		left := make(chan error, 1)
		go func() { _, err := c.Token(ctx); left <- err }()
		synctest.Wait()
		stayed := make(chan error, 1)
		go func() { _, err := c.Token(t.Context()); stayed <- err }()
		synctest.Wait()
		cancel()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Fatalf("the caller that left got %v", err)
		}
		if err := <-stayed; err != nil || m.count() != 1 {
			t.Fatalf("the caller that stayed got %v after %d fetches", err, m.count())
		}
	})
}

func TestAWrongSecretIsNotTriedAMessage(t *testing.T) {
	m := &mint{err: &fault.Error{Op: "wechat.token", Class: fault.Account, Code: 40001, RID: "a-b-c"}}
	open(t, m, func(t *testing.T, c *token.Centre) {
		for try, rest := range []time.Duration{1, 2, 4, 8, 16, 30, 30} {
			if seen := crowd(func() (string, error) { return c.Token(t.Context()) }); seen["account"] != 1000 {
				t.Fatalf("answers: %v", seen)
			}
			if m.count() != try+1 {
				t.Fatalf("%d fetches by 1000 callers in try %d", m.count(), try+1)
			}
			_, err := c.Token(t.Context())
			var told *fault.Error
			if !errors.As(err, &told) || told.Code != 40001 || told.RID != "a-b-c" || told.RetryAfter != rest*time.Minute {
				t.Fatalf("try %d: %v, retry after %v", try+1, err, fault.RetryAfter(err))
			}
			time.Sleep(told.RetryAfter)
		}
		m.fail(nil)
		want(t, c, "SECRET-8")
	})
}

func TestAFailingRenewalLeavesTheOldTokenInUse(t *testing.T) {
	m := new(mint)
	open(t, m, func(t *testing.T, c *token.Centre) {
		want(t, c, "SECRET-1")
		m.fail(&fault.Error{Op: "wechat.token", Class: fault.Busy, Code: -1})
		time.Sleep(2*time.Hour - 290*time.Second)
		for range 60 {
			want(t, c, "SECRET-1")
			time.Sleep(time.Second)
		}
		// Rests of 1, 2, 4, 8, 16, 30 s; each fetch takes 1 s.
		if n := m.count(); n < 5 || n > 8 {
			t.Fatalf("%d fetches in a minute of a busy source", n)
		}
		time.Sleep(4 * time.Minute)
		if _, err := c.Token(t.Context()); !fault.Is(err, fault.Busy) || fault.RetryAfter(err) <= 0 {
			t.Fatalf("after the token's end: %v", err)
		}
	})
}

func TestARefusedTokenIsNotHandedOutAgain(t *testing.T) {
	m := new(mint)
	open(t, m, func(t *testing.T, c *token.Centre) {
		want(t, c, "SECRET-1")
		m.fail(&fault.Error{Op: "wechat.token", Class: fault.Unsent})
		if _, err := c.Refresh(t.Context(), "SECRET-1"); !fault.Is(err, fault.Unsent) {
			t.Fatalf("Refresh: %v", err)
		}
		if got, err := c.Token(t.Context()); err == nil {
			t.Fatalf("Token gave %q", got)
		}
		m.fail(nil)
		time.Sleep(time.Second)
		want(t, c, "SECRET-3")
	})
}

// echo brings the same token whatever was refused, and counts.
type echo struct{ fetches int }

func (e *echo) Fetch(context.Context, string) (string, time.Duration, error) {
	e.fetches++
	return "SECRET", time.Hour, nil
}

func TestASourceThatRepeatsARefusedTokenIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := new(echo)
		c := token.New(e, token.Options{})
		defer c.Close()
		want(t, c, "SECRET")
		for range 100 {
			if _, err := c.Refresh(t.Context(), "SECRET"); !fault.Is(err, fault.Busy) || fault.RetryAfter(err) != time.Second {
				t.Fatalf("Refresh: %v", err)
			}
		}
		if e.fetches != 2 {
			t.Fatalf("%d fetches", e.fetches)
		}
	})
}

// held is a source whose fetch waits for a word.
type held struct {
	words chan string
	told  []string
}

func (h *held) Fetch(_ context.Context, stale string) (string, time.Duration, error) {
	h.told = append(h.told, stale)
	return <-h.words, time.Hour, nil
}

func TestATokenRefusedDuringItsRenewalIsFetchedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &held{words: make(chan string, 1)}
		c := token.New(h, token.Options{})
		defer c.Close()
		h.words <- "OLD"
		want(t, c, "OLD")
		time.Sleep(time.Hour - time.Minute)
		want(t, c, "OLD") // starts the renewal
		synctest.Wait()
		got := make(chan string, 1)
		go func() { value, _ := c.Refresh(t.Context(), "OLD"); got <- value }()
		synctest.Wait()
		h.words <- "OLD" // the stable token is still the same
		synctest.Wait()
		h.words <- "NEW"
		if value := <-got; value != "NEW" {
			t.Fatalf("Refresh = %q", value)
		}
		if told := strings.Join(h.told, ","); told != ",,OLD" {
			t.Fatalf("the source was told %q", told)
		}
	})
}

func TestCloseEndsAFetchAndRefusesCallers(t *testing.T) {
	m := new(mint)
	open(t, m, func(t *testing.T, c *token.Centre) {
		got := make(chan error, 1)
		go func() { _, err := c.Token(t.Context()); got <- err }()
		synctest.Wait()
		begun := time.Now()
		c.Close()
		if err := <-got; !fault.Is(err, fault.Unavailable) || time.Since(begun) != 0 {
			t.Fatalf("a caller at Close got %v after %v", err, time.Since(begun))
		}
		if _, err := c.Token(t.Context()); !fault.Is(err, fault.Unavailable) {
			t.Fatalf("a caller after Close got %v", err)
		}
	})
}

func TestNoTokenInLogsAndErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		m := &mint{life: time.Hour}
		c := token.New(m, token.Options{Account: "shop", Log: slog.New(slog.NewJSONHandler(&log, nil))})
		want(t, c, "SECRET-1")
		m.fail(&fault.Error{Op: "wechat.token", Class: fault.Account, Code: 40125})
		_, err := c.Refresh(t.Context(), "SECRET-1")
		c.Close()
		if said := log.String() + fmt.Sprintf("%+v %v", err, err); strings.Contains(said, "SECRET") {
			t.Fatalf("a token was told: %s", said)
		}
		if !strings.Contains(log.String(), `"account":"shop"`) || !strings.Contains(log.String(), "40125") {
			t.Fatalf("the log does not help: %s", log.String())
		}
	})
}
