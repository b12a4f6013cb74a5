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

const lookAfter = time.Millisecond

func (d *desk) receive(r ledger.Receipt) ledger.Reception {
	d.t.Helper()
	got, err := d.ledger.Receive(context.Background(), "shop", []ledger.Receipt{r}, time.Hour, lookAfter)
	if err != nil {
		d.t.Fatal(err)
	}
	return got[0]
}

func (d *desk) endDoubts() int {
	d.t.Helper()
	n, err := d.ledger.EndDoubts(context.Background(), "shop", time.Hour, 10)
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}

func blocked(at time.Time) ledger.Receipt {
	return ledger.Receipt{OpenID: "oUser", MsgID: "77", State: message.Undelivered, Word: "user block", At: at}
}

func (d *desk) okWith(run, msgid string) message.Settled {
	d.t.Helper()
	return d.settle(run, message.Answer{Class: fault.OK, MsgID: msgid}, acceptedOutcome, acceptedOutcome)
}

func TestAReceiptFindsItsMessage(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.begin("r1")
		d.okWith("r1", "77")
		at := time.Now().Truncate(time.Second)
		d.want("first", d.receive(blocked(at)), ledger.Counted)
		d.want("again", d.receive(blocked(at)), ledger.Known)
		delivered := blocked(at)
		delivered.State, delivered.Word = message.Delivered, "success"
		d.want("another word", d.receive(delivered), ledger.Known)
		rec := d.record()
		d.want("state", rec.State, message.Undelivered)
		d.want("reason", rec.Reason, "user block")
		d.want("receipt", rec.Receipt.Status, "user block")
		d.want("its time", rec.Receipt.At.Equal(at), true)
	})
}

func TestAReceiptThatComesBeforeItsSettleIsJoined(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.begin("r1")
		d.want("early", d.receive(blocked(time.Now())), ledger.Unmatched)
		d.want("early again", d.receive(blocked(time.Now())), ledger.Known)
		d.want("settled", d.okWith("r1", "77").State, message.Undelivered)
		d.want("repeated settle", d.okWith("r1", "77").State, message.Undelivered)
		rec := d.record()
		d.want("reason", rec.Reason, "user block")
		d.want("msgid", rec.MsgID, "77")
		d.want("after it", d.receive(blocked(time.Now())), ledger.Known)
		d.want("nothing is left to look for", d.endDoubts(), 0)
	})
}

func TestAReceiptJoinsALateOK(t *testing.T) {
	eachDesk(t, func(d *desk) {
		d.begin("r1")
		d.unanswered("r1")
		d.want("early", d.receive(blocked(time.Now())), ledger.Unmatched)
		d.begin("r2")
		d.want("late ok", d.okWith("r1", "77").State, message.Undelivered)
	})
}

func TestAReceiptEndsTheOneDoubtThatItCanMean(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDesk(t, client)
		d.intoDoubt()
		d.want("no msgid leads there", d.receive(blocked(time.Now())), ledger.Unmatched)
		deadline := time.Now().Add(10 * time.Second)
		ended := 0
		for ended == 0 && time.Now().Before(deadline) { // lookAfter is a millisecond of Redis's clock
			ended = d.endDoubts()
		}
		d.want("ended", ended, 1)
		rec := d.record()
		d.want("state", rec.State, message.Undelivered)
		d.want("msgid", rec.MsgID, "77")
		d.want("once", d.endDoubts(), 0)
	})
}

func TestWhatAReceiptCanMean(t *testing.T) {
	now := time.Unix(1_795_000_000, 500e6)
	spoke := now.Truncate(time.Second)
	doubt := func(change func(*message.Record)) *message.Record {
		rec := &message.Record{ID: "a", Kind: message.Template, TemplateID: "T", State: message.InDoubt, Attempts: 1,
			CreatedAt: now.Add(-time.Minute), SentAt: now.Add(-30 * time.Second), Open: now.Add(-30 * time.Second), UpdatedAt: now}
		if change != nil {
			change(rec)
		}
		return rec
	}
	other := func(state message.State, change func(*message.Record)) *message.Record {
		return doubt(func(rec *message.Record) {
			rec.ID, rec.State, rec.Open = "b", state, time.Time{}
			if change != nil {
				change(rec)
			}
		})
	}
	unnamed, named := ledger.Receipt{At: spoke}, ledger.Receipt{At: spoke, Template: "T"}
	tests := []struct {
		name    string
		receipt ledger.Receipt
		records []*message.Record
		want    bool
	}{
		{"one doubt", unnamed, []*message.Record{doubt(nil)}, true},
		{"nothing", unnamed, nil, false},
		{"two doubts", unnamed, []*message.Record{doubt(nil), doubt(nil)}, false},
		{"another is being sent", unnamed, []*message.Record{doubt(nil), other(message.Sending, nil)}, false},
		{"another waits to be tried again", unnamed, []*message.Record{doubt(nil), other(message.Waiting, nil)}, false},
		{"another ended without a msgid", unnamed, []*message.Record{doubt(nil), other(message.Accepted, nil)}, false},
		{"another ended so an hour ago", unnamed, []*message.Record{doubt(nil), other(message.Accepted, func(r *message.Record) { r.UpdatedAt = now.Add(-61 * time.Minute) })}, true},
		{"another has its msgid", unnamed, []*message.Record{doubt(nil), other(message.Accepted, func(r *message.Record) { r.MsgID = "1" })}, true},
		{"another was never tried", unnamed, []*message.Record{doubt(nil), other(message.Queued, func(r *message.Record) { r.SentAt = time.Time{} })}, true},
		{"another began after it", unnamed, []*message.Record{doubt(nil), other(message.Sending, func(r *message.Record) { r.SentAt = now.Add(2 * time.Second) })}, true},
		{"began in the same second", unnamed, []*message.Record{doubt(func(r *message.Record) { r.Open = now })}, true},
		{"began after it", unnamed, []*message.Record{doubt(func(r *message.Record) { r.Open = now.Add(time.Second) })}, false},
		{"no doubt, but accepted", unnamed, []*message.Record{other(message.Accepted, nil)}, false},
		{"of its template", named, []*message.Record{doubt(func(r *message.Record) { r.Kind = message.Subscribe })}, true},
		{"of another template", named, []*message.Record{doubt(func(r *message.Record) { r.Kind, r.TemplateID = message.Subscribe, "U" })}, false},
		{"another of another template", named, []*message.Record{doubt(func(r *message.Record) { r.Kind = message.Bizsend }), other(message.Sending, func(r *message.Record) { r.TemplateID = "U" })}, true},
		{"an event of the other sort", named, []*message.Record{doubt(nil)}, false},
		{"an event of the other sort, too", unnamed, []*message.Record{doubt(func(r *message.Record) { r.Kind = message.Subscribe })}, false},
		{"a one-time message", named, []*message.Record{doubt(func(r *message.Record) { r.Kind = message.Onetime })}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := ledger.Meant(tt.records, tt.receipt, now); (got != nil) != tt.want || got != nil && got.ID != "a" {
				t.Errorf("%+v, want %v", got, tt.want)
			}
		})
	}
}

func TestManyReceiptsAtOnce(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDesk(t, client)
		d.begin("r1")
		d.okWith("r1", "77")
		list := []ledger.Receipt{blocked(time.Now()), {OpenID: "oB", MsgID: "78", State: message.Delivered, Word: "success", At: time.Now()}, blocked(time.Now())}
		got, err := d.ledger.Receive(t.Context(), "shop", list, time.Hour, 0)
		if err != nil || len(got) != 3 || got[0] != ledger.Counted || got[1] != ledger.Unmatched || got[2] != ledger.Known {
			t.Errorf("%v, %v", got, err)
		}
		counts, err := d.ledger.ReceiptCounts(t.Context(), "shop", time.Now())
		if err != nil || counts.Statuses["user block"] != 1 || counts.Statuses["success"] != 1 || counts.Late < 0 || counts.Late > time.Minute {
			t.Errorf("%+v, %v", counts, err)
		}
		d.want("a shared account looks for no doubt", d.endDoubts(), 0)
	})
}
