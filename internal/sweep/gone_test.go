package sweep

import (
	"testing"
	"time"

	"wxdispatch/internal/message"
)

func TestADeadRunWhoseTaskIsGoneIsEndedAtTheSecondLook(t *testing.T) {
	h, now := newHouse(), time.Now()
	h.add("gone", message.Sending, Standing{})
	h.overdue = []string{"gone"}
	s := h.sweeper(Options{Now: func() time.Time { return now }})
	look := func() {
		t.Helper()
		if err := s.Rescue(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	look()
	now = now.Add(goneApart - time.Second)
	look()
	if len(h.done) != 0 {
		t.Fatalf("too soon: %v", h.done)
	}
	h.overdue = nil // its run settled it just now, and then another run died
	look()
	h.overdue = []string{"gone"}
	now = now.Add(goneApart)
	look()
	if len(h.done) != 0 {
		t.Fatalf("looks that do not belong together ended it: %v", h.done)
	}
	now = now.Add(goneApart)
	look()
	if h.done["gone"] != Abandon || len(h.handled) != 0 {
		t.Fatalf("got %v, brought on %v; want that it was ended", h.done, h.handled)
	}
}
