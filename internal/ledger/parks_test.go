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

// TestAPersonsParkStandsBesideWeChats: it holds, is neither tried nor ended by an
// answer, and ends at its time or by a person.
func TestAPersonsParkStandsBesideWeChats(t *testing.T) {
	eachDesk(t, func(d *desk) {
		ctx := context.Background()
		d.want("a call under way", d.with("under-way", 100).begin("r").Decision, message.Send)
		if err := d.ledger.Park(ctx, "shop", "", time.Time{}, ledger.ParkInfo{By: "operator", Who: "ann@desk", Words: "price"}); err != nil {
			d.t.Fatal(err)
		}
		d.with("under-way", 100).ok("r")
		leave := d.with("o", 100).begin("r")
		d.want("begin", fmt.Sprint(leave.Decision, leave.Reason, leave.Parked, leave.After), fmt.Sprint(message.PutOff, "operator", true, 5*time.Second))
		d.want("a second park, of one kind", d.ledger.Park(ctx, "shop", message.Template, time.Now().Add(-time.Second), ledger.ParkInfo{}), nil)
		parks := d.look().Parks
		if len(parks) != 1 || parks[0].Kind != "" || parks[0].Info.Who != "ann@desk" || !parks[0].Until.IsZero() || !parks[0].Next.IsZero() {
			d.t.Fatalf("got %+v", parks)
		}
		if n, err := d.ledger.Unpark(ctx, "shop", message.Template, "operator", ledger.ParkInfo{}); err != nil || n != 0 {
			d.t.Fatalf("unpark of one kind ended %d, %v", n, err)
		}
		if n, err := d.ledger.TryNow(ctx, "shop"); err != nil || n != 0 {
			d.t.Fatalf("a person's park is tried: %d, %v", n, err)
		}
		if n, err := d.ledger.Unpark(ctx, "shop", "", "operator", ledger.ParkInfo{Who: "bob"}); err != nil || n != 1 {
			d.t.Fatalf("unpark ended %d, %v", n, err)
		}
		d.want("begin", d.with("o", 100).begin("r").Decision, message.Send)
		entries, err := d.ledger.Log(ctx, "shop")
		if err != nil || len(entries) != 4 || entries[0].Info.Who != "bob" || entries[3].Info.Words != "price" {
			d.t.Fatalf("the log tells %+v, %v", entries, err)
		}
	})
}

// TestAParkTellsWhatLedToIt, lapses at its end, and is told of once.
func TestAParkTellsWhatLedToIt(t *testing.T) {
	eachDesk(t, func(d *desk) {
		ctx := context.Background()
		park := func(id string, ends time.Duration) {
			d.t.Helper()
			o := d.with(id, 100)
			o.begin("r")
			settled, err := d.ledger.Settle(ctx, message.Settlement{Run: "r", Message: o.m, Keep: time.Hour,
				Answer: message.Answer{Class: fault.Daily, Code: 45009, Message: "quota", RID: "a-b-c"}, Clear: waitingOutcome, Doubt: waitingOutcome,
				Park: &message.Park{Scope: message.ScopeKind, Reason: "daily", For: time.Millisecond, Ends: ends}})
			if err != nil || !settled.Parked {
				d.t.Fatalf("%+v, %v", settled, err)
			}
		}
		one, two := d.with("a", 100), d.with("b", 100)
		one.begin("r")
		two.begin("r")
		park("a", time.Hour)
		first := d.look().Parks
		if len(first) != 1 || first[0].Info.ErrCode != 45009 || first[0].Info.RID != "a-b-c" || first[0].Info.By != "wechat" || first[0].Until.IsZero() {
			d.t.Fatalf("got %+v", first)
		}
		park("b", time.Millisecond) // the same again, which is over at once
		for d.look().Parks != nil {
			if t := d.t; t.Context().Err() != nil {
				t.FailNow()
			}
		}
		entries, err := d.ledger.Log(ctx, "shop")
		if err != nil || len(entries) != 2 || entries[0].What != "unpark" || entries[0].Reason != "over" || entries[1].What != "park" {
			d.t.Fatalf("the log tells %+v, %v", entries, err)
		}
	})
}

// TestTryNowLetsOneGo: what a person mended is tried at once, by one message.
func TestTryNowLetsOneGo(t *testing.T) {
	eachDesk(t, func(d *desk) {
		ctx := context.Background()
		if err := d.ledger.Hold(ctx, "shop", "account", time.Hour, ledger.ParkInfo{}); err != nil {
			d.t.Fatal(err)
		}
		d.want("begin", d.with("a", 100).begin("r").Decision, message.PutOff)
		if n, err := d.ledger.TryNow(ctx, "shop", "daily"); err != nil || n != 0 {
			d.t.Fatal(n, err)
		}
		if n, err := d.ledger.TryNow(ctx, "shop", "account", ledger.Token); err != nil || n != 1 {
			d.t.Fatal(n, err)
		}
		d.want("one goes", d.with("a", 100).begin("r").Decision, message.Send)
		d.want("a second one", d.with("b", 100).begin("r").Decision, message.PutOff)
	})
}
