package dispatch

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// heldBook is a ledger that holds each run it hears of for the window, as the
// real one does, whatever it answers.
type heldBook struct {
	*desk
	takes time.Duration // of a begin
	lost  bool          // begins are written and not answered, as when replicas are away
	until time.Time     // when a rescue may take the message over; zero: nobody holds it
}

func (b *heldBook) Begin(ctx context.Context, a message.Attempt) (message.Leave, error) {
	if b.until.IsZero() {
		b.until = time.Now().Add(a.Window)
	}
	select {
	case <-time.After(b.takes):
	case <-ctx.Done():
	}
	if b.lost {
		b.note("begin")
		return message.Leave{}, &fault.Error{Op: "test", Class: fault.Unavailable}
	}
	return b.desk.Begin(ctx, a)
}

// TestWhatWasNotSentIsGivenBackBeforeItIsTakenForDead: however long a begin
// takes that is written and not answered, the message is let go within its
// window, when no rescue may have taken it over.
func TestWhatWasNotSentIsGivenBackBeforeItIsTakenForDead(t *testing.T) {
	for _, takes := range []time.Duration{0, 900 * time.Millisecond, 1250 * time.Millisecond, 2 * time.Second, 2800 * time.Millisecond, time.Hour} {
		for _, call := range []time.Duration{200 * time.Millisecond, time.Second, 5 * time.Second} {
			synctest.Test(t, func(t *testing.T) {
				book := &heldBook{desk: newDesk(okAnswer), takes: takes, lost: true}
				dispatcher := book.dispatcher()
				dispatcher.Ledger, dispatcher.Rules.CallTimeout = book, call
				if v := dispatcher.once(t.Context(), testJob()); v.Next != message.Again {
					t.Fatalf("got %+v, want that the message comes back", v)
				}
				if book.count("send") != 0 || len(book.settled) != 1 || !book.settled[0].Clear.GiveBack {
					t.Fatalf("calls %q: want no send and one give-back", book.calls)
				}
				if left := time.Until(book.until); left < call {
					t.Errorf("begins of %s, calls of %s: given back %s before the window's end, want %s", takes, call, left, call)
				}
			})
		}
	}
}

// TestWhatIsNotWrittenDownIsNotBegunAnew: while Redis does not take what this
// process knows of an attempt, a rescue of the same process begins nothing, and
// once it is written the message goes on as ever.
func TestWhatIsNotWrittenDownIsNotBegunAnew(t *testing.T) {
	for name, leave := range map[string]string{"a give-back": "begin", "an answer": "send t1 order-1"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ending, end := context.WithCancel(t.Context())
				defer end()
				back, writes := make(chan struct{}), newDesk(okAnswer)
				writes.after = func(call string) {
					switch call {
					case leave:
						end() // no call is started any more
					case "settle":
						<-back
					}
				}
				first, rescues := writes.dispatcher(), newDesk(okAnswer)
				rescue := rescues.dispatcher() // another lane's, or of the account made anew
				rescue.Unwritten = first.Unwritten
				done := make(chan message.Verdict, 1)
				go func() { done <- first.Handle(ending, testJob()) }()
				time.Sleep(time.Hour) // the bubble's: the run's window is long over

				if v := rescue.Handle(t.Context(), testJob()); v.Next != message.Again || v.After <= 0 {
					t.Errorf("got %+v, want it put off", v)
				}
				rescues.wantCalls(t)
				other := testJob()
				other.Message.ID = "order-2"
				if v := rescue.Handle(t.Context(), other); v.State != message.Accepted {
					t.Errorf("another message: got %+v, want accepted", v)
				}
				close(back)
				<-done
				if v := rescue.Handle(t.Context(), testJob()); v.State != message.Accepted {
					t.Errorf("once it is written: got %+v, want that it goes on", v)
				}
			})
		})
	}
}
