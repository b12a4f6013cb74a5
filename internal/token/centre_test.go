package token_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/secrettest"
	"wxdispatch/internal/token"
)

func TestACrowdCausesOneFetch(t *testing.T) {
	w := newWorld(t)
	processes := []*token.Centre{w.centre(), w.centre(), w.centre()}
	var mu sync.Mutex
	next := 0
	any := func() *token.Centre {
		mu.Lock()
		defer mu.Unlock()
		next++
		return processes[next%len(processes)]
	}
	if seen := crowd(900, func() (string, error) { return any().Token(t.Context()) }); seen["SECRET-1"] != 900 {
		t.Fatalf("not all got the first token: %d", seen["SECRET-1"])
	}
	w.fetched(1)
	if seen := crowd(900, func() (string, error) { return any().Refresh(t.Context(), "SECRET-1") }); seen["SECRET-2"] != 900 {
		t.Fatalf("not all got the second token: %d", seen["SECRET-2"])
	}
	w.fetched(2)
	if w.source.stales[0] != "" || w.source.stales[1] != "SECRET-1" {
		t.Fatal("the source was not told which token failed")
	}
}

func TestALateRefusalOfAnOldTokenFetchesNothing(t *testing.T) {
	w := newWorld(t)
	here, there := w.centre(), w.centre()
	w.want(here, "SECRET-1")
	w.want(there, "SECRET-1")
	for range 3 {
		w.refreshed(here, "SECRET-1", "SECRET-2")
		w.refreshed(there, "SECRET-1", "SECRET-2")
	}
	w.want(there, "SECRET-2")
	w.fetched(2)
}

func TestAnotherProcessLearnsOfAChangeAtOnce(t *testing.T) {
	w := newWorld(t)
	here, there := w.centre(), w.centre()
	there.Start()
	w.want(here, "SECRET-1")
	come(t, "the copy", func() bool { return left(there) > 0 })
	w.want(there, "SECRET-1")
	w.refreshed(here, "SECRET-1", "SECRET-2")
	come(t, "the new token", func() bool { got, err := there.Token(t.Context()); return err == nil && got == "SECRET-2" })
	w.fetched(2)
}

func TestTheOldTokenIsServedWhileItIsRenewed(t *testing.T) {
	w := newWorld(t)
	c := w.centre()
	c.Start()
	w.want(c, "SECRET-1")
	w.pass(2*time.Hour - 301*time.Second)
	w.want(c, "SECRET-1")
	w.fetched(1)

	w.source.mu.Lock()
	w.source.gate = make(chan struct{})
	w.source.mu.Unlock()
	w.pass(2 * time.Second)
	for standing := (token.Standing{}); !standing.Fetching; { // until its renewal has begun
		standing, _ = token.Read(t.Context(), w.client, "shop")
	}
	if seen := crowd(1000, func() (string, error) { return c.Token(t.Context()) }); seen["SECRET-1"] != 1000 {
		t.Fatalf("%d were served", seen["SECRET-1"])
	}
	close(w.source.gate)
	come(t, "the new token", func() bool { got, _ := c.Token(t.Context()); return got == "SECRET-2" })
	if w.fetched(2); w.source.stales[1] != "" {
		t.Fatal("a renewal condemned a good token")
	}
}

func TestATokenIsRenewedAheadOfItsEnd(t *testing.T) {
	for _, tc := range []struct{ life, ahead, renews time.Duration }{
		{7200 * time.Second, 300 * time.Second, 6900 * time.Second},
		{7200 * time.Second, 600 * time.Second, 6600 * time.Second},
		{900 * time.Second, 600 * time.Second, 450 * time.Second},
		{10 * time.Second, 450 * time.Second, 5 * time.Second},
		{time.Second, 300 * time.Second, 500 * time.Millisecond},
	} {
		w := newWorld(t)
		w.source.life = tc.life
		w.want(w.centre(func(o *token.Options) { o.Ahead = func() time.Duration { return tc.ahead } }), "SECRET-1")
		standing, err := token.Read(t.Context(), w.client, "shop")
		if err != nil || standing.RenewsIn != tc.renews || standing.ExpiresIn != tc.life {
			t.Errorf("life %v, ahead %v: renewed in %v, %v", tc.life, tc.ahead, standing.RenewsIn, err)
		}
	}
}

func TestTheDefaultIsFiveToTenMinutesAhead(t *testing.T) {
	w, differ := newWorld(t), map[time.Duration]bool{}
	c := w.centre(func(o *token.Options) { o.Ahead = nil })
	w.want(c, "SECRET-1")
	for i := range 20 {
		w.refreshed(c, fmt.Sprintf("SECRET-%d", i+1), fmt.Sprintf("SECRET-%d", i+2))
		standing, err := token.Read(t.Context(), w.client, "shop")
		ahead := standing.ExpiresIn - standing.RenewsIn
		if differ[ahead] = true; err != nil || ahead < 300*time.Second || ahead > 600*time.Second {
			t.Fatalf("%v ahead, %v", ahead, err)
		}
	}
	if len(differ) < 2 {
		t.Error("all are renewed in the same distance")
	}
}

// A token of ten seconds has little time for a renewal; nobody must wait for it.
func TestATokenOfTenSeconds(t *testing.T) {
	w := newWorld(t)
	w.source.life = 10 * time.Second
	c := w.centre()
	c.Start()
	w.want(c, "SECRET-1")
	for i := range 20 {
		w.pass(5 * time.Second)
		come(t, "the renewal", func() bool { return w.source.fetches() >= i+2 && left(c) > 9*time.Second })
	}
	w.fetched(21)
}

func TestACallerThatLeavesTakesNobodyAlong(t *testing.T) {
	w := newWorld(t)
	w.source.gate = make(chan struct{})
	c := w.centre()
	ctx, cancel := context.WithCancel(t.Context())
	left, stayed := make(chan error, 1), make(chan error, 1)
	go func() { _, err := c.Token(ctx); left <- err }()
	go func() { _, err := c.Token(t.Context()); stayed <- err }()
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Fatalf("the caller that left got %v", err)
	}
	w.source.gate <- struct{}{}
	if err := <-stayed; err != nil {
		t.Fatalf("the caller that stayed got %v", err)
	}
	w.fetched(1)
}

func TestAWrongSecretIsNotTriedAMessage(t *testing.T) {
	w := newWorld(t)
	var troubled []*fault.Error
	var mended []*fault.Error
	w.source.err = &fault.Error{Op: "wechat.token", Class: fault.Account, Code: 40001, Message: "invalid credential", RID: "a-b-c"}
	here := w.centre(func(o *token.Options) {
		o.Troubled = func(_ context.Context, err *fault.Error) { troubled = append(troubled, err) }
		o.Mended = func(_ context.Context, after *fault.Error) { mended = append(mended, after) }
	})
	there := w.centre()
	for try, rest := range []time.Duration{1, 2, 4, 8, 16, 30, 30} {
		for _, c := range []*token.Centre{here, there} {
			if seen := crowd(300, func() (string, error) { return c.Token(t.Context()) }); seen["account"] != 300 {
				t.Fatalf("answers: %v", seen)
			}
		}
		w.fetched(try + 1)
		_, err := there.Token(t.Context())
		var told *fault.Error
		if !errors.As(err, &told) || told.Code != 40001 || told.RID != "a-b-c" || told.RetryAfter != rest*time.Minute {
			t.Fatalf("try %d: %v, retry after %v", try+1, err, fault.RetryAfter(err))
		}
		w.pass(told.RetryAfter)
	}
	if len(troubled) != 7 || troubled[6].RetryAfter != 30*time.Minute || troubled[0].Code != 40001 {
		t.Errorf("whoever parks was told %d times: %v", len(troubled), troubled)
	}
	w.source.fails(nil)
	w.want(here, "SECRET-1")
	w.want(there, "SECRET-1")
	if len(mended) != 1 || mended[0] == nil || mended[0].Code != 40001 {
		t.Errorf("whoever parks was told of the end %d times", len(mended))
	}
}

// An address that is not on the whitelist is one machine's trouble: another
// fetches for both, also what that one found to be refused.
func TestAnotherMachineFetchesForTheOneThatMayNot(t *testing.T) {
	w := newWorld(t)
	listed := &mint{life: 2 * time.Hour}
	bad := &mint{err: &fault.Error{Op: "wechat.token", Class: fault.Account, Code: 40164, Message: "invalid ip 203.0.113.9"}}
	machine := func(name string, source *mint) *token.Centre {
		w.source = source
		return w.centre(func(o *token.Options) {
			o.Host, o.Own = name, func(err *fault.Error) bool { return err.Code == 40164 }
		})
	}
	refused, good := machine("one", bad), machine("two", listed)
	_, err := refused.Token(t.Context())
	var told *fault.Error
	if !errors.As(err, &told) || told.Code != 40164 || !strings.Contains(told.Message, "machine one") || !strings.Contains(told.Message, "203.0.113.9") {
		t.Fatalf("%v", err)
	}
	good.Start() // it finds that somebody is in need
	refused.Start()
	come(t, "a token", func() bool { got, err := refused.Token(t.Context()); return err == nil && got == "SECRET-1" })
	_, _ = refused.Refresh(t.Context(), "SECRET-1")
	come(t, "the next one", func() bool { got, err := refused.Token(t.Context()); return err == nil && got == "SECRET-2" })
	if bad.fetches() != 1 {
		t.Errorf("the machine that may not fetch tried %d times", bad.fetches())
	}
}

func TestTheBackgroundTriesAgainWhatFailed(t *testing.T) {
	w := newWorld(t)
	c := w.centre()
	c.Start()
	w.source.fails(&fault.Error{Op: "wechat.token", Class: fault.Daily, Code: 45009})
	if _, err := c.Token(t.Context()); !fault.Is(err, fault.Daily) {
		t.Fatal(err)
	}
	w.source.fails(nil)
	w.pass(time.Minute - time.Second)
	w.fetched(1)
	w.pass(time.Second)
	come(t, "the token", func() bool { return left(c) > 0 })
	w.fetched(2)
}

func TestAFailingRenewalLeavesTheOldTokenInUse(t *testing.T) {
	w := newWorld(t)
	c := w.centre()
	c.Start()
	w.want(c, "SECRET-1")
	w.source.fails(&fault.Error{Op: "wechat.token", Class: fault.Busy, Code: -1})
	w.pass(2*time.Hour - 299*time.Second)
	for i := range 5 { // rests of 0.25, 0.5, 1, 2 s
		if i > 0 {
			w.pass(250 * time.Millisecond << (i - 1))
		}
		come(t, "a try", func() bool { return w.source.fetches() >= 2+i })
		come(t, "its end", func() bool {
			s, err := token.Read(t.Context(), w.client, "shop")
			return err == nil && s.Trouble != nil && s.Trouble.Failures == i+1
		})
		w.want(c, "SECRET-1")
	}
	w.source.fails(nil)
	w.pass(30 * time.Second)
	come(t, "the new token", func() bool { got, _ := c.Token(t.Context()); return got == "SECRET-2" })
}

func TestARefusedTokenIsNotHandedOutAgain(t *testing.T) {
	w := newWorld(t)
	here, there := w.centre(), w.centre()
	w.want(here, "SECRET-1")
	w.source.fails(&fault.Error{Op: "wechat.token", Class: fault.Unsent})
	if _, err := here.Refresh(t.Context(), "SECRET-1"); !fault.Is(err, fault.Unsent) {
		t.Fatalf("Refresh: %v", err)
	}
	for _, c := range []*token.Centre{here, there} {
		if _, err := c.Token(t.Context()); !fault.Is(err, fault.Unsent) || fault.RetryAfter(err) <= 0 {
			t.Fatalf("Token: %v", err)
		}
	}
	w.source.fails(nil)
	w.pass(time.Second)
	w.want(there, "SECRET-2")
	w.want(here, "SECRET-2")
}

func TestNoTokenAndNoLifeAreRefused(t *testing.T) {
	w := newWorld(t)
	c := w.centre()
	for _, life := range []time.Duration{0, -time.Second} {
		w.source.life = life
		if _, err := c.Token(t.Context()); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "no token") {
			t.Fatalf("a life of %v: %v", life, err)
		}
		w.pass(time.Second)
	}
}

func TestCloseEndsAFetchAndRefusesCallers(t *testing.T) {
	w := newWorld(t)
	w.source.gate = make(chan struct{})
	here, there := w.centre(), w.centre()
	got := make(chan error, 1)
	go func() { _, err := here.Token(t.Context()); got <- err }()
	for standing := (token.Standing{}); !standing.Fetching; {
		standing, _ = token.Read(t.Context(), w.client, "shop")
	}
	here.Close()
	if err := <-got; !fault.Is(err, fault.Unavailable) {
		t.Fatalf("a caller at Close got %v", err)
	}
	if _, err := here.Token(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("a caller after Close got %v", err)
	}
	// The others need not wait for the lock to lapse.
	close(w.source.gate)
	w.want(there, "SECRET-1")
}

func TestNoTokenInLogsErrorsAndStandings(t *testing.T) {
	w := newWorld(t)
	c := w.centre()
	w.want(c, "SECRET-1")
	w.source.fails(&fault.Error{Op: "wechat.token", Class: fault.Account, Code: 40125, Message: "invalid appsecret"})
	_, err := c.Refresh(t.Context(), "SECRET-1")
	standing, _ := token.Read(t.Context(), w.client, "shop")
	secrettest.Hidden(t, "an error", fmt.Sprintf("%+v %v %#v", err, err, err), "SECRET-")
	secrettest.Hidden(t, "a standing", fmt.Sprintf("%+v %+v", standing, standing.Trouble), "SECRET-")
	if log := w.log.String(); !strings.Contains(log, `"account":"shop"`) || !strings.Contains(log, "40125") {
		t.Fatalf("the log does not help: %s", log)
	}
}
