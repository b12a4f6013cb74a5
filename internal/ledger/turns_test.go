package ledger

import (
	"fmt"
	"testing"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
)

// TestATemplateIsParkedAnewWithinOneRun: what a run has read of a template is as
// the asks before left it.
func TestATemplateIsParkedAnewWithinOneRun(t *testing.T) {
	l := New(redistest.Client(t, redistest.Server(t)))
	turn := func(park int) ask {
		return ask{decision: templatePark, account: "shop", args: []any{"tpl", park, `{"by":"operator"}`}}
	}
	answers, err := l.runMany(t.Context(), "test", []ask{turn(1), turn(0), turn(1), turn(1)})
	if err != nil || fmt.Sprint(answers) != "[[1] [1] [1] [0]]" {
		t.Errorf("%v, %v", answers, err)
	}
	if log, err := l.Log(t.Context(), "shop"); err != nil || len(log) != 3 {
		t.Errorf("the log has %+v, %v", log, err)
	}
}

// TestAFullRedisLeavesASettleUndone: what could not be written of a message is
// not written of the account's sets either.
func TestAFullRedisLeavesASettleUndone(t *testing.T) {
	client := redistest.Client(t, redistest.Server(t))
	l, ctx := New(client), t.Context()
	m := &message.Message{ID: "order-1", Account: "shop", Kind: message.Template, Digest: "d",
		Body: &message.TemplateBody{ToUser: "oUser", Template: "tpl"}}
	leave, err := l.Begin(ctx, message.Attempt{Run: "r1", Message: m, Created: time.Now(), Window: time.Millisecond, MaxAttempts: 3, Keep: time.Hour})
	if err != nil || leave.Decision != message.Send {
		t.Fatal(leave, err)
	}
	failed := message.Outcome{State: message.Failed, Reason: "recipient"}
	settle := func() error {
		_, err := l.Settle(ctx, message.Settlement{Run: "r1", Message: m, Answer: message.Answer{Class: fault.Recipient, Code: 40003}, Clear: failed, Doubt: failed, Keep: time.Hour})
		return err
	}
	client.ConfigSet(ctx, "maxmemory", "1")
	if err := settle(); !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
	if ids, err := l.Overdue(ctx, "shop", 10); err != nil || len(ids) != 1 {
		t.Errorf("overdue are %v, %v", ids, err)
	}
	client.ConfigSet(ctx, "maxmemory", "0")
	if err := settle(); err != nil {
		t.Error(err)
	}
	if ids, err := l.Overdue(ctx, "shop", 10); err != nil || len(ids) != 0 {
		t.Errorf("overdue are %v, %v", ids, err)
	}
}

// TestWhatIsEmptyCanBeReadByAnOlderWorker: the version before takes a field that
// is there for a value, so only those that it writes anew itself may stay empty.
func TestWhatIsEmptyCanBeReadByAnOlderWorker(t *testing.T) {
	client := redistest.Client(t, redistest.Server(t))
	l, ctx := New(client), t.Context()
	m := &message.Message{ID: "order-1", Account: "shop", Kind: message.Template, Digest: "d",
		Body: &message.TemplateBody{ToUser: "oUser", Template: "tpl"}}
	attempt := message.Attempt{Message: m, Created: time.Now(), Window: time.Hour, MaxAttempts: 3, Keep: time.Hour}
	settle := func(run string, o message.Outcome) {
		t.Helper()
		attempt.Run = run
		leave, err := l.Begin(ctx, attempt)
		if err != nil || leave.Decision != message.Send {
			t.Fatal(leave, err)
		}
		if _, err := l.Settle(ctx, message.Settlement{Run: run, Message: m, Answer: message.Answer{Class: fault.Recipient, Code: 40003, RID: "a-b"}, Clear: o, Doubt: o, Keep: time.Hour}); err != nil {
			t.Fatal(err)
		}
	}
	settle("r1", message.Outcome{State: message.Waiting, Reason: "busy"})
	settle("r2", message.Outcome{State: message.Failed, Reason: "recipient"})
	if _, err := l.Replay(ctx, "shop", m.ID, 1, time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	for field, value := range client.HGetAll(ctx, messageKeys("shop", m.ID, "oUser", "", "")[0]).Val() {
		if value == "" && field != "r" && field != "v" && field != "z" {
			t.Errorf("%s is empty", field)
		}
	}
}
