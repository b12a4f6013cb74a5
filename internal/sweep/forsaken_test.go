package sweep

import (
	"testing"
	"time"

	"wxdispatch/internal/message"
)

func TestWhatADeadWorkerHadTakenIsBroughtOnWhenNobodyHoldsIt(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		name   string
		record *message.Record
		want   bool
	}{
		{"not begun", nil, true},
		{"not begun, but known", &message.Record{State: message.Queued}, true},
		{"waits and is due", &message.Record{State: message.Waiting, Due: now}, true},
		{"waits for its time", &message.Record{State: message.Waiting, Due: now.Add(time.Second)}, false},
		{"held by a run", &message.Record{State: message.Sending}, false},
		{"has ended", &message.Record{State: message.Accepted}, false},
	} {
		if got := idle(c.record, now); got != c.want {
			t.Errorf("%s: got %t, want %t", c.name, got, c.want)
		}
	}
}
