package token_test

import (
	"fmt"
	"testing"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/token"
)

// A source that confirms a token which WeChat refuses is forced, as often as
// WeChat allows and no more, whichever process asks.
func TestAConfirmedTokenThatFailsIsForced(t *testing.T) {
	w := newWorld(t)
	w.source.echo = true
	here, there := w.centre(), w.centre()
	w.want(here, "SECRET-1")
	w.refreshed(here, "SECRET-1", "SECRET-2")
	if w.source.fetches() != 3 || w.source.forced != 1 {
		t.Fatalf("%d fetches, %d forced; want an ordinary one, then a forced one", w.source.fetches(), w.source.forced)
	}
	w.refreshed(there, "SECRET-1", "SECRET-2") // an old one: nothing is fetched
	w.pass(10 * time.Second)
	for range 100 {
		if _, err := there.Refresh(t.Context(), "SECRET-2"); !fault.Is(err, fault.Busy) || fault.RetryAfter(err) != 20*time.Second {
			t.Fatalf("within 30 s: %v, retry after %v", err, fault.RetryAfter(err))
		}
	}
	if w.source.fetches() != 4 || w.source.forced != 1 {
		t.Fatalf("%d fetches, %d forced", w.source.fetches(), w.source.forced)
	}
	w.pass(20 * time.Second)
	w.want(there, "SECRET-3")
	if w.source.forced != 2 {
		t.Fatalf("%d forced", w.source.forced)
	}
}

func TestTheDaysForcesAreCounted(t *testing.T) {
	w := newWorld(t)
	w.source.echo = true
	for i := range 20 { // each by a process that has just begun
		c := w.centre()
		w.refreshed(c, fmt.Sprintf("SECRET-%d", i), fmt.Sprintf("SECRET-%d", i+1))
		w.refreshed(c, fmt.Sprintf("SECRET-%d", i+1), fmt.Sprintf("SECRET-%d", i+2))
		c.Close()
		w.pass(time.Minute)
	}
	c := w.centre()
	if _, err := c.Refresh(t.Context(), "SECRET-21"); !fault.Is(err, fault.Daily) || fault.RetryAfter(err) != time.Minute {
		t.Fatalf("the 21st: %v, retry after %v", err, fault.RetryAfter(err))
	}
	// There is nothing better than what WeChat confirms.
	w.pass(time.Minute)
	w.want(c, "SECRET-21")
	if w.source.forced != 20 {
		t.Fatalf("%d forced", w.source.forced)
	}
	standing, err := token.Read(t.Context(), w.client, "shop")
	if err != nil || standing.Forced != 20 || standing.Generation != 21 {
		t.Errorf("%+v, %v", standing, err)
	}
}

func TestASourceThatKnowsNoForceIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	w.source.echo = true
	c := w.centre(func(o *token.Options) { o.Forces = false })
	w.want(c, "SECRET-1")
	for range 100 {
		if _, err := c.Refresh(t.Context(), "SECRET-1"); !fault.Is(err, fault.Busy) || fault.RetryAfter(err) != 250*time.Millisecond {
			t.Fatalf("Refresh: %v", err)
		}
	}
	w.fetched(2)
}
