package token

import (
	"context"
	"errors"
	"testing"
	"time"

	"wxdispatch/internal/fault"
)

var start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestNextTellsWhatACallerDoes(t *testing.T) {
	broken := &fault.Error{Op: "x", Class: fault.Busy, Message: "away"}
	good := book{value: "T1", renewAt: start.Add(time.Minute), expiresAt: start.Add(2 * time.Minute)}
	resting := good
	resting.failure, resting.retryAt = broken, start.Add(90*time.Second)
	for _, tc := range []struct {
		name  string
		book  book
		at    time.Duration
		step  step
		value string
	}{
		{"nothing yet", book{}, 0, wait, ""},
		{"fresh", good, 0, serve, "T1"},
		{"due", good, time.Minute, renew, "T1"},
		{"last moment", good, 2*time.Minute - 1, renew, "T1"},
		{"over", good, 2 * time.Minute, wait, ""},
		{"due, but the source rests", resting, time.Minute, serve, "T1"},
		{"due, and the rest is over", resting, 90 * time.Second, renew, "T1"},
		{"none, and the source rests", book{failure: broken, retryAt: start.Add(time.Second)}, 0, fail, ""},
		{"none, and the rest is over", book{failure: broken, retryAt: start.Add(time.Second)}, time.Second, wait, ""},
	} {
		got, value, err := tc.book.next(start.Add(tc.at))
		if got != tc.step || value != tc.value || (err != nil) != (tc.step == fail) {
			t.Errorf("%s: next = %s, %q, %v; want %s, %q", tc.name, got, value, err, tc.step, tc.value)
		}
	}
}

func TestATokenIsRenewedAheadOfItsEnd(t *testing.T) {
	for _, tc := range []struct{ life, ahead, renewed time.Duration }{
		{7200 * time.Second, 300 * time.Second, 6900 * time.Second},
		{7200 * time.Second, 600 * time.Second, 6600 * time.Second},
		{900 * time.Second, 600 * time.Second, 450 * time.Second},
		{10 * time.Second, 450 * time.Second, 5 * time.Second},
		{time.Second, 300 * time.Second, 500 * time.Millisecond},
	} {
		var b book
		if err := b.record(fetched{value: "T", life: tc.life, started: start}, start.Add(time.Second), tc.ahead); err != nil {
			t.Fatal(err)
		}
		if got := b.renewAt.Sub(start); got != tc.renewed {
			t.Errorf("life %v, ahead %v: renewed after %v, want %v", tc.life, tc.ahead, got, tc.renewed)
		}
		if got := b.expiresAt.Sub(start); got != tc.life {
			t.Errorf("life %v counts from the fetch's start; it ends after %v", tc.life, got)
		}
	}
}

func TestRecordRefusesWhatIsNoToken(t *testing.T) {
	for _, tc := range []struct {
		name string
		got  fetched
		want fault.Class
	}{
		{"no value", fetched{life: time.Hour}, fault.Unavailable},
		{"no life", fetched{value: "T"}, fault.Unavailable},
		{"an error without a class", fetched{err: errors.New("boom")}, fault.Unavailable},
		{"the refused token again", fetched{value: "T1", life: time.Hour, stale: "T1"}, fault.Busy},
	} {
		b := book{refused: "T1"}
		err := b.record(tc.got, start, 0)
		if fault.ClassOf(err) != tc.want || fault.RetryAfter(err) != time.Second || b.value != "" {
			t.Errorf("%s: record = %v (class %q, after %v), value %q", tc.name, err, fault.ClassOf(err), fault.RetryAfter(err), b.value)
		}
	}
	b := book{refused: "T1"}
	if err := b.record(fetched{value: "T1", life: time.Hour}, start, 0); !errors.Is(err, errOutdated) || b.failures != 0 {
		t.Errorf("a token refused while an ordinary fetch brought it: %v, failures %d", err, b.failures)
	}
}

func TestCondemnTouchesTheCurrentTokenOnly(t *testing.T) {
	for _, stale := range []string{"", "T0"} {
		b := book{value: "T1"}
		if b.condemn(stale); b.value != "T1" || b.refused != "" {
			t.Errorf("condemn(%q) changed the book: %q, %q", stale, b.value, b.refused)
		}
	}
	b := book{value: "T1", expiresAt: start}
	if b.condemn("T1"); b.value != "" || b.refused != "T1" || !b.expiresAt.IsZero() {
		t.Errorf("condemn left %q, %q, %v", b.value, b.refused, b.expiresAt)
	}
}

func TestBackOffGrowsToItsLimit(t *testing.T) {
	for _, tc := range []struct {
		class    fault.Class
		failures int
		want     time.Duration
	}{
		{fault.Account, 0, time.Minute}, {fault.Account, 1, 2 * time.Minute},
		{fault.Account, 4, 16 * time.Minute}, {fault.Account, 5, 30 * time.Minute}, {fault.Account, 1000, 30 * time.Minute},
		{fault.Daily, 0, time.Minute}, {fault.Unknown, 0, time.Minute},
		{fault.Busy, 0, time.Second}, {fault.Busy, 3, 8 * time.Second}, {fault.Busy, 5, 30 * time.Second},
		{fault.Unsent, 99, 30 * time.Second}, {fault.Unanswered, 0, time.Second}, {"", 0, time.Second},
	} {
		if got := backOff(tc.class, tc.failures); got != tc.want {
			t.Errorf("backOff(%q, %d) = %v, want %v", tc.class, tc.failures, got, tc.want)
		}
	}
}

// tally is a source that counts.
type tally int

func (n *tally) Fetch(context.Context, string) (string, time.Duration, error) {
	*n++
	return "T1", time.Hour, nil
}

// A caller may decide to fetch just before another's fetch ends.
func TestAFetchThatComesLateFindsTheTokenThere(t *testing.T) {
	var n tally
	c := New(&n, Options{})
	defer c.Close()
	for range 3 {
		if value, err := c.fetch(); err != nil || value != "T1" {
			t.Fatalf("fetch = %v, %v", value, err)
		}
	}
	if n != 1 {
		t.Fatalf("the source was asked %d times", n)
	}
}
