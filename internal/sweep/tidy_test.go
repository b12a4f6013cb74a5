package sweep

import (
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/message"
)

func TestWhatIsDoneAboutARecordUnderWay(t *testing.T) {
	now := time.Now()
	long, just := now.Add(-time.Minute), now.Add(-time.Second)
	for _, c := range []struct {
		name    string
		state   message.State
		reason  string
		live    bool
		archive bool
		missing time.Time
		want    Action
	}{
		{"waits in its queue", message.Waiting, "busy", true, false, time.Time{}, Nothing},
		{"waits, its task archived", message.Waiting, "busy", false, true, time.Time{}, Revive},
		{"waits, its task gone: first look", message.Waiting, "busy", false, false, time.Time{}, Look},
		{"waits, its task gone: a moment later", message.Waiting, "busy", false, false, just, Look},
		{"waits, its task gone: second look", message.Waiting, "busy", false, false, long, Abandon},
		{"replayed, not in the queue yet", message.Waiting, "replay", false, false, time.Time{}, PutBack},
		{"replayed, the old task still archived", message.Waiting, "replay", false, true, time.Time{}, PutBack},
		{"resent by a person, not in the queue yet", message.Waiting, "resend", false, false, long, PutBack},
		{"replayed and in the queue", message.Waiting, "replay", true, false, time.Time{}, Nothing},
		{"replayed, no content kept: first look", message.Waiting, "replay", false, false, time.Time{}, Look},
		{"replayed, no content kept: second look", message.Waiting, "replay", false, false, long, Abandon},
		{"reserved and in its queue", message.Queued, "", true, false, time.Time{}, Nothing},
		{"reserved, archived by a person", message.Queued, "", false, true, long, Nothing},
		{"reserved, its task gone: first look", message.Queued, "", false, false, time.Time{}, Look},
		{"reserved, its task gone: a moment later", message.Queued, "", false, false, just, Look},
		{"reserved, its task gone: second look", message.Queued, "", false, false, long, Abandon},
		{"being sent, its task archived", message.Sending, "", false, true, time.Time{}, Nothing},
		{"being sent, its task gone", message.Sending, "", false, false, long, Abandon},
	} {
		s := Standing{Record: &message.Record{State: c.state, Reason: c.reason}, Live: c.live, Archived: c.archive,
			Kept: c.want == PutBack}
		if got := decide(s, c.missing, now); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAnArchivedTaskIsNotRunBeforeItIsDue(t *testing.T) {
	now := time.Now()
	s := Standing{Archived: true, Record: &message.Record{State: message.Waiting, Reason: "duplicate", Due: now.Add(time.Second)}}
	if got := decide(s, time.Time{}, now); got != Nothing {
		t.Errorf("not due: got %q, want nothing", got)
	}
	if got := decide(s, time.Time{}, now.Add(time.Second)); got != Revive {
		t.Errorf("due: got %q, want that it is run", got)
	}
}

func TestATaskMustBeMissingAtTwoLooksAMinuteApart(t *testing.T) {
	h, now := newHouse(), time.Now()
	h.add("gone", message.Waiting, Standing{})
	h.add("comes back", message.Waiting, Standing{})
	h.add("archived", message.Waiting, Standing{Archived: true})
	h.add("waits", message.Waiting, Standing{Live: true})
	s := h.sweeper(Options{Now: func() time.Time { return now }})
	look := func() {
		t.Helper()
		if err := s.Tidy(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	look()
	if len(h.done) != 1 || h.done["archived"] != Revive {
		t.Fatalf("first look: %v, want that only the archived task is run", h.done)
	}
	h.add("comes back", message.Waiting, Standing{Live: true})
	now = now.Add(tidyEvery)
	look()
	if h.done["gone"] != Abandon || h.done["comes back"] != Nothing {
		t.Fatalf("second look: %v, want that only what is gone still is ended", h.done)
	}
	h.add("comes back", message.Waiting, Standing{})
	now = now.Add(time.Second)
	look()
	if h.done["comes back"] != Nothing {
		t.Fatal("a task that came and went was taken for gone at its first look")
	}
}

func TestOneWorkerTidies(t *testing.T) {
	h := newHouse()
	h.claimed = true
	h.add("archived", message.Waiting, Standing{Archived: true})
	h.doubts = []string{"doubt"}
	if err := h.sweeper(Options{After: time.Hour, Then: Drop}).Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(h.done)+len(h.ended) != 0 {
		t.Fatalf("done %v, ended %v while another worker tidies", h.done, h.ended)
	}
}

func TestDoubtsWaitForAPersonUnlessThereIsARule(t *testing.T) {
	for _, c := range []struct {
		after time.Duration
		then  Then
		want  Then
	}{{0, Drop, ""}, {time.Hour, Drop, Drop}, {time.Hour, Resend, Resend}} {
		h := newHouse()
		h.doubts = []string{"a"}
		if err := h.sweeper(Options{After: c.after, Then: c.then}).Tidy(t.Context()); err != nil {
			t.Fatal(err)
		}
		if h.ended["a"] != c.want {
			t.Errorf("after %v then %s: ended by %q, want %q", c.after, c.then, h.ended["a"], c.want)
		}
		if told := strings.Join(h.told, ","); (c.want == "") != (told == "") || c.want != "" && told != "1 "+string(c.want) {
			t.Errorf("after %v then %s: %q was told of it", c.after, c.then, told)
		}
	}
}
