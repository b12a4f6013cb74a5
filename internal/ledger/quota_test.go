package ledger_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

// with is the desk's message under another id and a quota.
func (d *desk) with(id string, quota int) *desk {
	other := *d
	m := *d.m
	m.ID = id
	other.m, other.ask.Message, other.ask.Quota = &m, &m, &quota
	return &other
}

func (d *desk) look() ledger.Standing {
	d.t.Helper()
	s, err := d.ledger.Look(context.Background(), "shop")
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

// TestTheDaysQuotaStopsItsKind: the call after the last one parks the kind until
// the next day (UTC+8), and is not counted.
func TestTheDaysQuotaStopsItsKind(t *testing.T) {
	eachDesk(t, func(d *desk) {
		for i := range 3 {
			o := d.with(fmt.Sprint("o", i), 3)
			d.want("begin", o.begin("r").Decision, message.Send)
			d.want("the same question again", o.begin("r").Decision, message.Send)
			o.ok("r")
		}
		leave := d.with("o3", 3).begin("r")
		d.want("the fourth", leave.Decision, message.PutOff)
		d.want("why", leave.Reason, "quota")
		d.want("parked", leave.Parked, true)
		s := d.look()
		d.want("used", s.Used[message.Template], 3)
		if len(s.Parks) != 1 || s.Parks[0].Reason != ledger.Quota || !s.Parks[0].Until.Equal(s.ResetsAt) ||
			s.ResetsAt.Sub(s.Now) > 24*time.Hour || s.ResetsAt.UTC().Hour() != 16 {
			t := d.t
			t.Fatalf("got %+v, resets at %s; want one park, until 00:00 UTC+8", s.Parks, s.ResetsAt)
		}
		d.want("an ended one of the same kind", d.with("o0", 3).begin("r9").Decision, message.Ended)
		if n, err := d.ledger.Unpark(context.Background(), "shop", message.Template, "quota", ledger.ParkInfo{}, ledger.Quota); err != nil || n != 1 {
			d.t.Fatal(n, err)
		}
		d.want("after a raise", d.with("o3", 4).begin("r").Decision, message.Send)
	})
}

// TestWhatGivesTheQuotaBack: only what WeChat surely counted for nothing.
func TestWhatGivesTheQuotaBack(t *testing.T) {
	eachDesk(t, func(d *desk) {
		used := 0
		for class, counts := range map[fault.Class]int{
			fault.Unsent: 0, fault.Busy: 0, fault.Token: 0, fault.Daily: 0, fault.Minute: 0, fault.Account: 0,
			fault.Unanswered: 1, fault.OK: 1, fault.Recipient: 1, fault.Payload: 1, fault.Unknown: 1,
		} {
			o := d.with("o-"+string(class), 1000)
			d.want("begin", o.begin("r").Decision, message.Send)
			o.settle("r", message.Answer{Class: class}, waitingOutcome, waitingOutcome)
			o.settle("r", message.Answer{Class: class}, waitingOutcome, waitingOutcome)
			used += counts
			d.want("used after "+string(class), d.look().Used[message.Template], used)
		}
	})
}

// TestAPlaceThatIsGivenBackIsTaken: a kind that stopped at its quota goes on when
// a call that was counted was never made.
func TestAPlaceThatIsGivenBackIsTaken(t *testing.T) {
	eachDesk(t, func(d *desk) {
		unsent := d.with("unsent", 1)
		d.want("begin", unsent.begin("r").Decision, message.Send)
		d.want("the second", d.with("o2", 1).begin("r").Reason, "quota")
		unsent.settle("r", message.Answer{Class: fault.Unsent}, waitingOutcome, waitingOutcome)
		d.want("parks", len(d.look().Parks), 0)
		d.want("the second again", d.with("o2", 1).begin("r").Decision, message.Send)
		d.want("the third", d.with("o3", 1).begin("r").Reason, "quota")
		d.want("parks", len(d.look().Parks), 1)
	})
}

// TestADeadRunStaysCounted, until it says, late, that it never called.
func TestADeadRunStaysCounted(t *testing.T) {
	eachDesk(t, func(d *desk) {
		o := d.with("o", 1000)
		o.ask.Window, o.ask.Resend = 0, message.Always
		o.begin("r1")
		o.begin("r2")
		d.want("used by two runs", d.look().Used[message.Template], 2)
		o.settle("r1", message.Answer{Class: fault.Unsent}, waitingOutcome, waitingOutcome)
		d.want("used, once the first says that it sent nothing", d.look().Used[message.Template], 1)
	})
}

func TestAnOperatorsQuotas(t *testing.T) {
	eachDesk(t, func(d *desk) {
		ctx := context.Background()
		set := func(kind message.Kind, n int, until time.Time) {
			d.t.Helper()
			if err := d.ledger.SetQuota(ctx, "shop", kind, n, until, ledger.ParkInfo{Who: "ann"}); err != nil {
				d.t.Fatal(err)
			}
		}
		set(message.Template, 5, time.Time{})
		set(message.Bizsend, 6, time.Now().Add(-time.Second))
		set(message.Onetime, 7, time.Now().Add(time.Hour))
		if got := d.look().Quotas; len(got) != 2 || got[message.Template] != 5 || got[message.Onetime] != 7 {
			d.t.Fatalf("got %v", got)
		}
		if err := d.ledger.ResetQuotas(ctx, "shop", ledger.ParkInfo{}); err != nil {
			d.t.Fatal(err)
		}
		d.want("after a reset", len(d.look().Quotas), 0)
		d.with("o", 10).begin("r")
		for i := range 2 {
			if n, err := d.ledger.Cleared(ctx, "shop", ledger.ParkInfo{Who: "ann"}); err != nil || n != i+1 {
				d.t.Fatal(n, err)
			}
		}
		d.want("used after a clear", d.look().Used[message.Template], 0)
		n, err := d.ledger.Clears(ctx, "shop")
		d.want("clears", fmt.Sprint(n, err), "2 <nil>")
		entries, err := d.ledger.Log(ctx, "shop")
		if err != nil || len(entries) != 6 || entries[0].What != "clear_quota" || entries[5].Info.Who != "ann" || entries[5].What != "set" {
			d.t.Fatalf("the log tells %+v, %v", entries, err)
		}
	})
}
