package dispatch

import (
	"testing"
	"testing/synctest"
	"time"

	"wxdispatch/internal/message"
)

// TestQuietHoursHoldBatches: a batch's message goes back to the queue until they
// are over, untried and uncounted; a single one goes.
func TestQuietHoursHoldBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		over := time.Now().Add(8 * time.Hour)
		d := newDesk(okAnswer)
		dispatcher := d.dispatcher()
		dispatcher.Rules.Quiet = func(now time.Time) time.Time {
			if now.Before(over) {
				return over
			}
			return time.Time{}
		}
		single, batch := testJob(), testJob()
		m := *batch.Message
		m.Batch = "spring"
		batch.Message = &m

		v := dispatcher.Handle(t.Context(), batch)
		if v.Next != message.Again || v.After != 8*time.Hour || v.Reason != "quiet_hours" {
			t.Fatalf("a batch in the quiet hours: got %+v, want again in 8h", v)
		}
		d.wantCalls(t)
		if v := dispatcher.Handle(t.Context(), single); v.State != message.Accepted {
			t.Fatalf("a single message in the quiet hours: got %+v, want accepted", v)
		}
		time.Sleep(8 * time.Hour)
		if v := dispatcher.Handle(t.Context(), batch); v.State != message.Accepted {
			t.Fatalf("a batch after the quiet hours: got %+v, want accepted", v)
		}
	})
}
