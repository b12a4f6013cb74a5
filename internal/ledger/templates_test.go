package ledger_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

// ban settles a run with WeChat's word that the template is banned.
func (d *desk) ban(run string) {
	d.t.Helper()
	_, err := d.ledger.Settle(context.Background(), message.Settlement{
		Run: run, Message: d.m, Keep: time.Hour, Banned: true,
		Answer: message.Answer{Class: fault.Template, Code: 43116, Message: "This template_id is banned " + strings.Repeat("封", 40), RID: "6a-b-c"},
		Clear:  message.Outcome{State: message.Refused, Reason: "template"}, Doubt: message.Outcome{State: message.InDoubt, Reason: "template"},
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) unpark(template string) bool {
	d.t.Helper()
	changed, err := d.ledger.UnparkTemplate(context.Background(), "shop", template, ledger.ParkInfo{By: "operator", Who: "me@here"})
	if err != nil {
		d.t.Fatal(err)
	}
	return changed
}

func TestABannedTemplateEndsWhatComesNext(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.begin("r1")
		d.ban("r1")
		parks, err := d.ledger.TemplateParks(context.Background(), "shop")
		if err != nil || len(parks) != 1 {
			d.t.Fatalf("%+v %v", parks, err)
		}
		d.want("who and why", parks[0].By+" "+parks[0].RID, "wechat 6a-b-c")
		d.want("code", parks[0].ErrCode, 43116)

		d.m.ID = "order-2"
		leave := d.begin("r2")
		d.want("decision", leave.Decision, message.Ended)
		d.want("state", leave.State, message.Refused)
		d.want("reason", leave.Reason, "template")
		rec := d.record()
		d.want("errcode", rec.ErrCode, 43116)
		d.want("rid", rec.RID, "6a-b-c")
		if len(rec.ErrMsg) > 64 || !strings.HasPrefix(rec.ErrMsg, "This template_id is banned 封") {
			d.t.Errorf("errmsg %q of %d bytes", rec.ErrMsg, len(rec.ErrMsg))
		}
		d.want("met again", d.begin("r3").Before, true)

		body := *d.m.Body.(*message.TemplateBody)
		body.Template = "another"
		before := d.m.Body
		d.m.ID, d.m.Body = "order-3", &body
		d.want("another template", d.begin("r4").Decision, message.Send)
		d.m.Body = before

		d.want("unparked", d.unpark("tpl"), true)
		d.want("twice", d.unpark("tpl"), false)
		d.m.ID = "order-2"
		d.want("replayed", d.replay(1).Changed, true)
		d.want("sent in its next life", d.begin("r5").Decision, message.Send)
		log, err := d.ledger.Log(context.Background(), "shop")
		if err != nil || len(log) != 2 || log[0].What != "unpark" || log[1].What != "park" || log[1].Scope != "tpl" {
			d.t.Errorf("the log: %+v %v", log, err)
		}
	})
}

// A doubt stays one, and a park of the lane does not keep the message waiting.
func TestATemplatesParkLeavesDoubtsAndPassesLanes(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.begin("r1")
		d.unanswered("r1")
		ctx, info := context.Background(), ledger.ParkInfo{By: "operator", Who: "me@here", Words: "the price is wrong"}
		for i, want := range []bool{true, false} {
			changed, err := d.ledger.ParkTemplate(ctx, "shop", "tpl", info)
			d.want("parked", changed && err == nil, want)
			d.want("parks", i < 2, true)
		}
		if err := d.ledger.Park(ctx, "shop", message.Template, time.Time{}, info); err != nil {
			d.t.Fatal(err)
		}
		d.want("an unanswered one", d.begin("r2").State, message.InDoubt)
		d.m.ID = "order-2"
		d.want("a new one", d.begin("r3").State, message.Refused)
		d.want("its words", d.record().ErrMsg, "the price is wrong")
		d.want("its code", d.record().ErrCode, 0)
	})
}

// An answer that came too late for its run bans nothing.
func TestOnlyTheCurrentRunBansATemplate(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.begin("r1")
		d.ok("r1")
		d.ban("r1")
		parks, err := d.ledger.TemplateParks(context.Background(), "shop")
		d.want("parks", len(parks), 0)
		d.want("error", err, nil)
	})
}

func TestATemplateIsProvenByAnAcceptedMessage(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.want("at first", d.begin("r1").Proven, false)
		d.ok("r1")
		d.m.ID = "order-2"
		d.want("after one", d.begin("r2").Proven, true)
		d.refused("r2")
		parks, err := d.ledger.TemplateParks(context.Background(), "shop")
		d.want("parks", len(parks) == 0 && err == nil, true)
	})
}
