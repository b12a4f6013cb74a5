package ledger_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
)

// desk is one message at a ledger, with the few things that runs do to it.
type desk struct {
	t      *testing.T
	ledger *ledger.Ledger
	m      *message.Message
	ask    message.Attempt
}

func newDesk(t *testing.T, client redis.UniversalClient) *desk {
	m := &message.Message{
		ID: "order-1", Account: "shop", Kind: message.Template, Digest: "digest-1", Batch: "spring",
		Body: &message.TemplateBody{ToUser: "oUser", Template: "tpl"},
	}
	return &desk{t: t, ledger: ledger.New(client), m: m, ask: message.Attempt{
		Message: m, Created: time.Now(), Window: time.Hour, Resend: 9 * time.Minute, MaxAttempts: 3, Keep: time.Hour,
	}}
}

func (d *desk) begin(run string) message.Leave {
	d.t.Helper()
	d.ask.Run = run
	leave, err := d.ledger.Begin(context.Background(), d.ask)
	if err != nil {
		d.t.Fatal(err)
	}
	return leave
}

var (
	acceptedOutcome = message.Outcome{State: message.Accepted}
	refusedOutcome  = message.Outcome{State: message.Refused, Reason: "recipient"}
	waitingOutcome  = message.Outcome{State: message.Waiting, Reason: "busy", After: time.Minute}
	doubtOutcome    = message.Outcome{State: message.InDoubt, Reason: "unanswered"}
)

func (d *desk) settle(run string, answer message.Answer, clear, doubt message.Outcome) message.Settled {
	d.t.Helper()
	settled, err := d.ledger.Settle(context.Background(), message.Settlement{
		Run: run, Message: d.m, Answer: answer, Clear: clear, Doubt: doubt, Keep: time.Hour,
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return settled
}

func (d *desk) ok(run string) message.Settled {
	return d.settle(run, message.Answer{Class: fault.OK, MsgID: "3557254367693750277"}, acceptedOutcome, acceptedOutcome)
}

func (d *desk) refused(run string) message.Settled {
	return d.settle(run, message.Answer{Class: fault.Recipient, Code: 40003, Message: "invalid openid", RID: "a-b-c"}, refusedOutcome, doubtOutcome)
}

func (d *desk) unanswered(run string) message.Settled {
	return d.settle(run, message.Answer{Class: fault.Unanswered}, doubtOutcome, waitingOutcome)
}

func (d *desk) record() *message.Record {
	d.t.Helper()
	rec, err := d.ledger.Record(context.Background(), d.m.Account, d.m.ID)
	if err != nil {
		d.t.Fatal(err)
	}
	return rec
}

func (d *desk) want(what string, got, want any) {
	d.t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		d.t.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

func TestPlainWay(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDesk(t, client)
		leave := d.begin("r1")
		d.want("decision", leave.Decision, message.Send)
		d.want("attempt", leave.Attempt, 1)
		d.want("life", leave.Life, 1)
		d.want("the same run again", d.begin("r1").Decision, message.Send)
		d.want("attempts after the same run again", d.record().Attempts, 1)
		d.want("settled", d.ok("r1").State, message.Accepted)
		d.want("settled again", d.ok("r1").State, message.Accepted)

		rec := d.record()
		d.want("msgid keeps all digits", rec.MsgID, "3557254367693750277")
		d.want("history", len(rec.History), 3)
		d.want("openid", rec.OpenID, "oUser")
		d.want("batch", rec.Batch, "spring")
		late := d.begin("r2")
		d.want("a final message", late.Decision, message.Ended)
		d.want("its state", late.State, message.Accepted)

		events, err := client.XRange(context.Background(), "wxd:{shop}:events", "-", "+").Result()
		if err != nil || len(events) != 1 {
			t.Fatalf("one end, one event: got %v, %v", events, err)
		}
		d.want("the event's state", events[0].Values["state"], "accepted")
		d.want("the event's msgid", events[0].Values["msgid"], "3557254367693750277")
	})
}

func TestOnlyOneRunHoldsAMessage(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDesk(t, client)
		d.begin("r1")
		leave := d.begin("r2")
		d.want("a second run", leave.Decision, message.PutOff)
		if leave.After <= 0 || leave.After > time.Hour {
			t.Fatalf("put off by %v, want until the first run's window ends", leave.After)
		}
		d.want("the second run's word", d.refused("r2").State, message.Sending)
		d.want("the first run's word", d.ok("r1").State, message.Accepted)
	})
}

func TestOtherContentIsAConflict(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDesk(t, client)
		d.begin("r1")
		d.ok("r1")
		other := *d.m
		other.Digest = "digest-2"
		d.ask.Message = &other
		d.want("decision", d.begin("r2").Decision, message.Conflict)
		d.want("the first one's state", d.record().State, message.Accepted)
	})
}

func TestRefusalEndsAndIsIndexed(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDesk(t, client)
		d.begin("r1")
		d.want("settled", d.refused("r1").State, message.Refused)
		rec := d.record()
		d.want("errcode", rec.ErrCode, 40003)
		d.want("rid", rec.RID, "a-b-c")
		d.want("reason", rec.Reason, "recipient")
		n, err := client.ZCard(context.Background(), "wxd:{shop}:ends").Result()
		if err != nil || n != 1 {
			t.Fatalf("the index of bad ends: got %d, %v, want 1", n, err)
		}
	})
}

func TestDoubtIsSticky(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDesk(t, client)
		d.begin("r1")
		d.want("after silence", d.unanswered("r1").State, message.Waiting)
		leave := d.begin("r2")
		d.want("sent again", leave.Decision, message.Send)
		d.want("in doubt", leave.InDoubt, true)
		d.want("a refusal while in doubt", d.refused("r2").State, message.InDoubt)
	})
}

func TestOKEndsADoubt(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDesk(t, client)
		d.begin("r1")
		d.unanswered("r1")
		d.begin("r2")
		d.want("an ok while in doubt", d.ok("r2").State, message.Accepted)
		d.want("the same silence told again", d.unanswered("r1").State, message.Accepted)
	})
}

func TestADeadRunLeavesADoubt(t *testing.T) {
	for _, c := range []struct {
		name   string
		resend time.Duration
		want   message.Decision
	}{
		{"harmless within its time", 9 * time.Minute, message.Send},
		{"always harmless", message.Always, message.Send},
		{"never harmless", message.Never, message.Ended},
	} {
		t.Run(c.name, func(t *testing.T) {
			redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
				d := newDesk(t, client)
				d.ask.Window, d.ask.Resend = 0, c.resend
				d.begin("r1")
				leave := d.begin("r2")
				d.want("decision", leave.Decision, c.want)
				if c.want == message.Ended {
					d.want("state", leave.State, message.InDoubt)
					d.want("reason", leave.Reason, "worker_died")
					d.want("a late ok", d.ok("r1").State, message.Accepted)
					return
				}
				d.want("attempts", leave.Attempt, 1)
				d.want("a late refusal closes its attempt only", d.refused("r1").State, message.Sending)
				d.want("the next refusal is clear", d.refused("r2").State, message.Refused)
			})
		})
	}
}

func TestALateOKCountsWhateverRunsNow(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDesk(t, client)
		d.ask.Window = 0
		d.begin("r1")
		d.begin("r2")
		d.want("late ok", d.ok("r1").State, message.Accepted)
		d.want("what the other run says then", d.refused("r2").State, message.Accepted)
	})
}

func TestWorkersThatKeepDyingEndInDoubt(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDesk(t, client)
		d.ask.Window, d.ask.Resend = 0, message.Always
		for run := range 3 {
			d.want("decision", d.begin(fmt.Sprint("r", run)).Decision, message.Send)
		}
		d.want("after three deaths", d.begin("r9").State, message.InDoubt)
	})
}

func TestExpiry(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDesk(t, client)
		d.ask.Deadline = time.Now().Add(-time.Hour)
		leave := d.begin("r1")
		d.want("decision", leave.Decision, message.Ended)
		d.want("state", leave.State, message.Expired)

		doubtful := newDesk(t, client)
		doubtful.m.ID = "order-2"
		doubtful.begin("r1")
		doubtful.unanswered("r1")
		doubtful.ask.Deadline = time.Now().Add(-time.Hour)
		doubtful.want("expired in doubt", doubtful.begin("r2").State, message.InDoubt)
	})
}

func TestAPostponementCostsNoAttempt(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDesk(t, client)
		for i := range 5 {
			run := fmt.Sprint("r", i)
			d.want("attempt", d.begin(run).Attempt, 1)
			back := waitingOutcome
			back.GiveBack = true
			d.want("state", d.settle(run, message.Answer{Class: fault.Daily, Code: 45009}, back, back).State, message.Waiting)
			d.want("told again", d.settle(run, message.Answer{Class: fault.Daily, Code: 45009}, back, back).State, message.Waiting)
		}
		d.want("attempts", d.record().Attempts, 0)
	})
}

func TestAParkHoldsWhatComesNext(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDesk(t, client)
		d.begin("r1")
		settled, err := d.ledger.Settle(context.Background(), message.Settlement{
			Run: "r1", Message: d.m, Answer: message.Answer{Class: fault.Daily, Code: 45009}, Keep: time.Hour,
			Clear: waitingOutcome, Doubt: waitingOutcome,
			Park: &message.Park{Scope: message.ScopeKind, Reason: "daily", For: time.Hour},
		})
		if err != nil {
			t.Fatal(err)
		}
		d.want("state", settled.State, message.Waiting)
		leave := d.begin("r2")
		d.want("decision", leave.Decision, message.PutOff)
		d.want("reason", leave.Reason, "daily")

		other := newDesk(t, client)
		other.m.ID, other.m.Kind = "order-2", message.Bizsend
		other.want("another kind", other.begin("r1").Decision, message.Send)
	})
}

func TestRecordStaysSmall(t *testing.T) {
	client := redistest.Client(t, redistest.Server(t))
	d := newDesk(t, client)
	d.m.Batch = ""
	d.m.Digest = "0123456789abcdef"
	d.m.Body = &message.TemplateBody{ToUser: "oia2TjuEGTNoeX76QEjQNrcURxG8", Template: "ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY"}
	d.begin("r1")
	d.ok("r1")
	size, err := client.MemoryUsage(context.Background(), "wxd:{shop}:m:order-1").Result()
	if err != nil {
		t.Fatal(err)
	}
	if size > 300 {
		t.Fatalf("a finished record takes %d bytes, want at most 300", size)
	}
	t.Logf("a finished record takes %d bytes", size)
}

func TestWhatMustNotBeSentEndsSuppressed(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDesk(t, client)
		d.ask.Suppress = "only_to"
		leave := d.begin("r1")
		d.want("decision", leave.Decision, message.Ended)
		d.want("state", leave.State, message.Suppressed)
		d.want("reason", leave.Reason, "only_to")
		d.want("new", leave.Before, false)
		d.want("met again", d.begin("r2").Before, true)
	})
}

func TestAGiveBackMayOvertakeItsBegin(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDesk(t, client)
		back := message.Outcome{State: message.Waiting, Reason: "late", GiveBack: true}
		d.settle("r1", message.Answer{Class: fault.Unsent}, back, back)
		d.want("the begin that lay in a connection", d.begin("r1").Decision, message.PutOff)
		d.want("the next run", d.begin("r2").Decision, message.Send)
	})
}
