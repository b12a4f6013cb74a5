package ledger_test

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
)

func (d *desk) cancel() ledger.Change {
	d.t.Helper()
	return d.changed(d.ledger.Cancel(context.Background(), message.Job{Message: d.m, Created: d.ask.Created}, time.Time{}, time.Hour))
}

func (d *desk) resolve(how ledger.Resolution) ledger.Change {
	d.t.Helper()
	return d.changed(d.ledger.Resolve(context.Background(), "shop", d.m.ID, how, "zhang", time.Hour))
}

func (d *desk) replay(life int) ledger.Change {
	d.t.Helper()
	return d.changed(d.ledger.Replay(context.Background(), "shop", d.m.ID, life, time.Now().Add(time.Minute)))
}

func (d *desk) receipt(state message.State, word string) ledger.Change {
	d.t.Helper()
	return d.changed(d.ledger.Receipt(context.Background(), "shop", d.m.ID, state, word, time.Now(), time.Hour))
}

func (d *desk) abandon() ledger.Change {
	d.t.Helper()
	return d.changed(d.ledger.Abandon(context.Background(), "shop", d.m.ID, time.Hour))
}

func (d *desk) changed(c ledger.Change, err error) ledger.Change {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

func eachDesk(t *testing.T, test func(d *desk)) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) { test(newDesk(t, client)) })
}

// intoDoubt leaves the message in doubt after r1's silence.
func (d *desk) intoDoubt() {
	d.t.Helper()
	d.begin("r1")
	d.want("silence", d.settle("r1", message.Answer{Class: fault.Unanswered}, doubtOutcome, doubtOutcome).State, message.InDoubt)
}

func TestACancelledMessageIsNeverSent(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.want("before its first attempt", d.cancel().Changed, true)
		d.want("begin", d.begin("r1").State, message.Cancelled)
		d.want("cancelled twice", d.cancel().Changed, false)
		d.want("state", d.record().State, message.Cancelled)
	})
}

func TestWhatIsBeingSentIsNotCancelled(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.begin("r1")
		c := d.cancel()
		d.want("while it is sent", c.Changed, false)
		d.want("where it stands", c.State, message.Sending)
		d.settle("r1", message.Answer{Class: fault.Busy}, waitingOutcome, waitingOutcome)
		d.want("while it waits", d.cancel().State, message.Cancelled)
	})
}

func TestACancelledDoubtStaysADoubt(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.begin("r1")
		d.unanswered("r1")
		d.want("cancelled in doubt", d.cancel().State, message.InDoubt)
		d.want("a late ok", d.ok("r1").State, message.Accepted)
	})
}

func TestResolve(t *testing.T) {
	for how, want := range map[ledger.Resolution]message.State{
		ledger.Sent: message.Accepted, ledger.Drop: message.Failed, ledger.Resend: message.Waiting,
	} {
		t.Run(string(how), func(t *testing.T) {
			eachDesk(t, func(d *desk) {
				d.intoDoubt()
				c := d.resolve(how)
				d.want("changed", c.Changed, true)
				d.want("state", c.State, want)
				d.want("again", d.resolve(ledger.Drop).Changed, false)
				d.want("state after that", d.record().State, want)
				history := d.record().History
				d.want("who is in the history", history[len(history)-1].Reason, "zhang")
				if how == ledger.Resend {
					leave := d.begin("r2")
					d.want("it is sent again in its life", leave.Decision == message.Send && leave.Life == 1 && !leave.InDoubt, true)
					d.want("with its attempts counted anew", leave.Attempt, 1)
				}
			})
		})
	}
}

func TestReplayStartsTheNextLife(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.begin("r1")
		d.refused("r1")
		d.want("of another life", d.replay(2).Changed, false)
		d.want("changed", d.replay(1).Changed, true)
		d.want("the same life again", d.replay(1).Changed, false)
		before := len(d.record().History)
		leave := d.begin("r2")
		d.want("life", leave.Life, 2)
		d.want("attempt", leave.Attempt, 1)
		d.want("the first life's run speaks late", d.ok("r1").State, message.Sending)
		d.want("accepted", d.ok("r2").State, message.Accepted)
		if rec := d.record(); before < 3 || len(rec.History) <= before {
			d.t.Fatalf("the history lost the first life: %v", rec.History)
		}
		d.want("a good end is not replayed", d.replay(2).Changed, false)
	})
}

func TestReplayLeavesDoubtsToResolve(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.intoDoubt()
		d.want("changed", d.replay(1).Changed, false)
	})
}

// TestReplayOnlyWhatHadEndedByThen: a selection repeated after a break does
// not take what failed again meanwhile.
func TestReplayOnlyWhatHadEndedByThen(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.begin("r1")
		d.refused("r1")
		early := time.Now().Add(-time.Hour)
		c := d.changed(d.ledger.Replay(context.Background(), "shop", d.m.ID, 1, early))
		d.want("changed", c.Changed, false)
	})
}

func TestReceipt(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.begin("r1")
		d.want("before an answer", d.receipt(message.Delivered, "success").Changed, false)
		d.ok("r1")
		d.want("delivered", d.receipt(message.Delivered, "success").State, message.Delivered)
		d.want("a second receipt", d.receipt(message.Undelivered, "user block").Changed, false)
		d.want("WeChat's word", d.record().Receipt.Status, "success")
	})
	eachDesk(t, func(d *desk) {
		d.intoDoubt()
		d.want("a receipt ends a doubt", d.receipt(message.Undelivered, "user block").State, message.Undelivered)
		d.want("and says why", d.record().Reason, "user block")
	})
}

func TestAbandon(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.want("what has no record", d.abandon().Changed, false)
		d.begin("r1")
		d.want("what a run holds", d.abandon().Changed, false)
		d.settle("r1", message.Answer{Class: fault.Busy}, waitingOutcome, waitingOutcome)
		c := d.abandon()
		d.want("what waits", c.State, message.Cancelled)
		d.want("reason", c.Reason, "task_gone")
	})
	eachDesk(t, func(d *desk) {
		d.ask.Window = 0
		d.begin("r1")
		d.want("what a dead run held", d.abandon().State, message.InDoubt)
	})
}

// TestAQuestionAfterItsOwnAttempt: a copy of a begin lay in a connection and
// comes when its run has long settled. It must take nothing: nobody hears it.
func TestAQuestionAfterItsOwnAttempt(t *testing.T) {
	for name, leave := range map[string]func(d *desk){
		"given back": func(d *desk) {
			d.settle("r1", message.Answer{Class: fault.Unsent}, givenBack, givenBack)
		},
		"unanswered": func(d *desk) { d.unanswered("r1") },
		"taken over": func(d *desk) { d.begin("r2") },
	} {
		t.Run(name, func(t *testing.T) {
			eachDesk(t, func(d *desk) {
				d.ask.Window = 0
				d.begin("r1")
				leave(d)
				before := d.record()
				d.want("decision", d.begin("r1").Decision, message.PutOff)
				after := d.record()
				d.want("state", after.State, before.State)
				d.want("attempts", after.Attempts, before.Attempts)
			})
		})
	}
}

func TestAPayloadIsKeptForBadEndsOnly(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.m = purchase(t, 1)
		d.ask.Message = d.m
		d.begin("r1")
		d.refused("r1")
		if err := d.ledger.KeepPayload(t.Context(), d.m, time.Hour); err != nil {
			t.Fatal(err)
		}
		kept, err := d.ledger.Payload(t.Context(), "shop", d.m.ID)
		if err != nil || kept.Digest != d.m.Digest {
			t.Fatalf("got %v, %v, want the message as the app gave it", kept, err)
		}
		d.replay(1)
		d.begin("r2")
		d.want("the next life", d.ok("r2").State, message.Accepted)
		if _, err := d.ledger.Payload(t.Context(), "shop", d.m.ID); !fault.Is(err, fault.NotFound) {
			t.Fatalf("after a good end: got %v, want class not_found", err)
		}
	})
}
