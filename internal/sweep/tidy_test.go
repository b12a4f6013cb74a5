package sweep

import (
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
		{"being sent, its task archived", message.Sending, "", false, true, time.Time{}, Nothing},
		{"being sent, its task gone", message.Sending, "", false, false, long, Abandon},
	} {
		s := Standing{Record: &message.Record{State: c.state, Reason: c.reason}, Live: c.live, Archived: c.archive}
		if got := decide(s, c.missing, now); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
