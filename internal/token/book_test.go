package token

import (
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/redistest"
)

// page is a book under test; each call must be answered.
type page struct {
	*testing.T
	book
}

func open(t *testing.T, client redis.UniversalClient) page {
	return page{t, book{redis: client, account: "shop", appID: "wx1", credentials: "c1", mode: "stable"}}
}

func (p page) answered(want decision) func(s state, err error) state {
	p.Helper()
	return func(s state, err error) state {
		p.Helper()
		if err != nil || s.decision != want {
			p.Fatalf("answered %q, %v; want %q", s.decision, err, want)
		}
		return s
	}
}

func (p page) takes(name, want, stale string, decision decision) state {
	p.Helper()
	return p.answered(decision)(p.take(p.Context(), name, want, stale))
}

// stores stores a token of an hour that is due so long before its end.
func (p page) stores(name, value, stale string, ahead time.Duration, want decision) state {
	p.Helper()
	s := p.answered("seen")(p.look(p.Context()))
	return p.answered(want)(p.store(p.Context(), fetched{name: name, value: value, life: time.Hour, ahead: ahead, started: s.now, stale: stale}))
}

// has brings the book a token.
func (p page) has(value string, ahead time.Duration) {
	p.Helper()
	p.takes("setup", need, "", fetch)
	p.stores("setup", value, "", ahead, stored)
}

func TestOneNameFetchesAtATime(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		p := open(t, client)
		p.takes("a", need, "", fetch)
		if s := p.takes("b", need, "", "wait"); s.wait() <= 0 || s.wait() > holdFor {
			t.Errorf("told to wait %v", s.wait())
		}
		p.takes("a", need, "", fetch) // a lost answer, asked again
		p.answered(lost)(p.hold(t.Context(), "b"))
		p.answered("held")(p.hold(t.Context(), "a"))
		p.stores("b", "T0", "", 0, lost)
		s := p.stores("a", "T1", "", time.Minute, stored)
		p.stores("a", "T1", "", time.Minute, stored) // a lost answer, asked again
		if s.fields["v"] != "T1" || s.fields["i"] != "1" || s.fields["m"] != "stable" || s.until("e").Round(time.Minute) != time.Hour {
			t.Errorf("stored as generation %s, good for %v", s.fields["i"], s.until("e"))
		}
		p.takes("c", need, "", serve)
		p.takes("c", renew, "", serve)
	})
}

func TestAFetchThatIsLeftIsFree(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		p := open(t, client)
		p.takes("a", need, "", fetch)
		p.answered(lost)(p.leave(t.Context(), "b"))
		p.answered("left")(p.leave(t.Context(), "a"))
		p.takes("b", need, "", fetch)
	})
}

func TestTheOldTokenServesWhileItIsRenewed(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		p := open(t, client)
		p.has("T1", time.Hour) // due at once
		p.takes("a", need, "", serve)
		p.takes("a", renew, "", fetch)
		p.takes("b", renew, "", serve)
		p.takes("b", need, "", serve)
		if s := p.stores("a", "T1", "", time.Minute, stored); s.fields["i"] != "1" {
			t.Errorf("the same token is generation %s", s.fields["i"])
		}
	})
}

func TestOnlyTheCurrentTokenIsReplaced(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		p := open(t, client)
		p.has("T1", time.Minute)
		p.takes("a", need, "T0", serve)
		if s := p.takes("a", need, "T1", fetch); s.fields["s"] != "T1" || s.fields["v"] != "" {
			t.Errorf("refused and still there: %v", s.fields["v"] != "")
		}
		p.takes("b", need, "T1", "wait")
		p.stores("a", "T2", "T1", time.Minute, stored)
		if s := p.takes("b", need, "T1", serve); s.fields["v"] != "T2" || s.fields["i"] != "2" || s.fields["s"] != "" {
			t.Errorf("generation %s", s.fields["i"])
		}
	})
}

func TestATokenThatWasRefusedWhileItWasFetchedIsNotStored(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		p := open(t, client)
		p.has("T1", time.Hour)
		p.takes("a", renew, "", fetch)
		p.takes("b", need, "T1", "wait")
		p.stores("a", "T1", "", time.Minute, outdated)
		p.takes("b", need, "", fetch)
		// Its source knew, and confirms it.
		p.stores("b", "T1", "T1", time.Minute, stored)
	})
}

func TestAFailureRestsTheSourceForTheseCredentials(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		p := open(t, client)
		wrong := &fault.Error{Class: fault.Account, Code: 40125, Message: "invalid appsecret", RID: "a-b-c", RetryAfter: time.Minute}
		p.takes("a", need, "", fetch)
		p.answered(lost)(p.fail(t.Context(), "b", wrong, 0, false))
		p.answered("noted")(p.fail(t.Context(), "a", wrong, 2, false))
		s := p.takes("b", need, "", fails)
		err := s.trouble()
		if err == nil || err.Code != 40125 || err.Class != fault.Account || err.RID != "a-b-c" || err.RetryAfter.Round(time.Second) != time.Minute || s.wait().Round(time.Second) != time.Minute {
			t.Errorf("%v, retry after %v", err, s.wait())
		}
		if n, rest := s.failures("c1", fault.Account); n != 3 || rest != time.Minute {
			t.Errorf("%d failures, the last rest %v", n, rest)
		}
		if n, rest := s.failures("c1", fault.Busy); n != 0 || rest != 0 {
			t.Errorf("other trouble has %d failures, the last rest %v", n, rest)
		}
		p.credentials = "c2" // a person put the secret right
		p.takes("c", need, "", fetch)
		if s := p.stores("c", "T1", "", 0, stored); s.trouble() != nil {
			t.Errorf("trouble outlives a good fetch: %v", s.trouble())
		}
	})
}

func TestAFailedRenewalLeavesTheTokenInUse(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		p := open(t, client)
		p.has("T1", time.Hour)
		p.takes("a", renew, "", fetch)
		p.answered("noted")(p.fail(t.Context(), "a", &fault.Error{Class: fault.Busy, Code: -1, RetryAfter: time.Minute}, 0, false))
		p.takes("b", renew, "", serve)
		p.takes("b", need, "", serve)
		p.takes("b", need, "T1", fails) // refused meanwhile: nobody presses a source that rests
	})
}

func TestOneMachinesTroubleKeepsNoOtherFromTrying(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		here, there := open(t, client), open(t, client)
		here.host, there.host = "one", "two"
		listed := &fault.Error{Class: fault.Account, Code: 40164, Message: "not in whitelist", RetryAfter: time.Minute}
		for _, p := range []page{here, there} {
			p.takes(p.host, need, "", fetch)
			p.answered("noted")(p.fail(t.Context(), p.host, listed, 0, true))
			if s := p.takes("again", need, "", fails); s.wait().Round(time.Second) != time.Minute || s.trouble().Code != 40164 {
				t.Errorf("%v, for %v", s.trouble(), s.wait())
			}
			if standing, err := Read(t.Context(), client, "shop"); err != nil || standing.Trouble == nil || standing.Trouble.RetryAfter < 50*time.Second {
				t.Errorf("%+v, %v", standing.Trouble, err)
			}
		}
		third := here
		third.host = "three"
		third.takes("c", need, "", fetch)
		third.stores("c", "T1", "", time.Hour, stored)
		here.takes("d", need, "", serve)
		here.takes("d", renew, "", serve) // its rest is not over
		third.takes("d", renew, "", fetch)
		third.answered("left")(third.leave(t.Context(), "d"))
		// Its refusal is for others to follow.
		if s := here.takes("e", need, "T1", fails); s.refusal().RetryAfter != comeBack {
			t.Errorf("%v, for %v", s.refusal(), s.refusal().RetryAfter)
		}
		third.takes("f", need, "", fetch)
		here.takes("g", need, "", "wait")
	})
}

func TestAnotherAppIDsTokenIsNotServed(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		p := open(t, client)
		p.has("T1", time.Minute)
		p.appID = "wx2"
		if s := p.takes("a", need, "", fetch); s.fields["v"] != "" {
			t.Error("wx1's token is still there")
		}
	})
}

func TestForceIsRationed(t *testing.T) {
	server := miniredis.RunT(t)
	p := open(t, redistest.Client(t, server.Addr()))
	day := time.Date(2026, 11, 22, 16, 0, 0, 0, time.UTC) // 00:00 in China
	at := func(d time.Duration) { server.SetTime(day.Add(d)) }
	at(0)
	p.takes("a", need, "", fetch)
	p.answered(lost)(p.force(t.Context(), "b"))
	for i := range forceMost {
		at(time.Duration(i) * time.Minute)
		p.answered(granted)(p.force(t.Context(), "a"))
		at(time.Duration(i)*time.Minute + 20*time.Second)
		if s := p.answered(soon)(p.force(t.Context(), "a")); s.wait() != 10*time.Second {
			t.Fatalf("come back in %v", s.wait())
		}
	}
	at(24*time.Hour - time.Second)
	p.answered(spent)(p.force(t.Context(), "a"))
	at(24 * time.Hour)
	if s := p.answered(granted)(p.force(t.Context(), "a")); s.fields["q"] != "1" {
		t.Errorf("the new day counts %s", s.fields["q"])
	}
}

func TestALockLapsesWithoutASignOfLife(t *testing.T) {
	server := miniredis.RunT(t)
	p := open(t, redistest.Client(t, server.Addr()))
	p.takes("a", need, "", fetch)
	server.FastForward(holdFor - time.Millisecond)
	p.answered("held")(p.hold(t.Context(), "a"))
	server.FastForward(holdFor - time.Millisecond)
	p.takes("b", need, "", "wait")
	server.FastForward(time.Millisecond)
	p.takes("b", need, "", fetch)
	p.answered(lost)(p.hold(t.Context(), "a"))
	p.stores("a", "T1", "", 0, lost)
}

func TestWhatRedisAnswersMustBeReadable(t *testing.T) {
	for _, answer := range [][]any{nil, {"serve"}, {"serve", "1", "0", "x"}, {"serve", "1", "0", []any{"v"}}, {"", "1", "0", []any{}}, {"serve", "0", "0", []any{}}} {
		if s, ok := readState(answer); ok {
			t.Errorf("%v was read as %v", answer, s)
		}
	}
}

func FuzzReadState(f *testing.F) {
	f.Add("serve", "1700000000000", "0", "v", "T", "e", "x")
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g, h string) {
		s, ok := readState([]any{a, b, c, []any{d, e, g, h}})
		if !ok {
			return
		}
		held := newHeld(s, book{appID: "wx1", host: d}, time.Unix(0, 0))
		if held.value != "" && held.value != s.fields["v"] {
			t.Error("a token out of nowhere")
		}
		_, _ = held.due()
		_ = s.standing()
	})
}

func TestBackOffGrowsToItsLimit(t *testing.T) {
	const never = 0
	for _, tc := range []struct {
		class              fault.Class
		before, left, want time.Duration
	}{
		{fault.Account, never, 0, time.Minute}, {fault.Account, time.Minute, 0, 2 * time.Minute},
		{fault.Account, 16 * time.Minute, 0, 30 * time.Minute}, {fault.Account, 30 * time.Minute, 0, 30 * time.Minute},
		{fault.Daily, never, 0, time.Minute}, {fault.Unknown, never, 0, time.Minute},
		{fault.Busy, never, 0, 250 * time.Millisecond}, {fault.Busy, time.Second, 0, 2 * time.Second}, {fault.Busy, 20 * time.Second, 0, 30 * time.Second},
		{fault.Unsent, 30 * time.Second, 0, 30 * time.Second}, {fault.Unanswered, never, 0, 250 * time.Millisecond}, {"", never, 0, 250 * time.Millisecond},
		// A good token's end is not slept through.
		{fault.Busy, 30 * time.Second, time.Hour, 30 * time.Second}, {fault.Busy, 30 * time.Second, 10 * time.Second, 5 * time.Second},
		{fault.Busy, never, 100 * time.Millisecond, soonest}, {fault.Busy, soonest, 0, 2 * soonest},
		{fault.Account, 8 * time.Minute, 10 * time.Second, 16 * time.Minute},
	} {
		if got := backOff(tc.class, tc.before, tc.left); got != tc.want {
			t.Errorf("backOff(%q) after a rest of %v, with a token for %v = %v, want %v", tc.class, tc.before, tc.left, got, tc.want)
		}
	}
}
