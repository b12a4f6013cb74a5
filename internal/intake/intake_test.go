package intake_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/registry"
	"wxdispatch/internal/tasks"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// door is an intake over one Redis, with what a test looks at behind it.
type door struct {
	t *testing.T
	intake.Intake
	lookup    intake.Lookup
	ledger    *ledger.Ledger
	inspector *asynq.Inspector
	now       time.Time
}

func newDoor(t *testing.T, client redis.UniversalClient) *door {
	accounts := registry.New(client,
		registry.Account{Name: "shop", Type: message.Official}, registry.Account{Name: "mini", Type: message.MiniProgram})
	book, queue := ledger.New(client), tasks.NewQueue(client)
	d := &door{t: t, ledger: book, inspector: asynq.NewInspectorFromRedisClient(client), now: time.Now()}
	d.Intake = intake.Intake{Accounts: accounts, Book: book, Permits: book, Queue: queue, Asks: book, Puts: queue, NewID: intake.ULID, MaxAge: time.Hour, Keep: time.Hour,
		Now: func() time.Time { return d.now }}
	d.lookup = intake.Lookup{Accounts: accounts, Book: book, Waiting: queue}
	return d
}

func (d *door) take(m *message.Message) intake.Result {
	d.t.Helper()
	result, err := d.Take(d.t.Context(), m)
	if err != nil {
		d.t.Fatal(err)
	}
	return result
}

// tasks counts what waits in a queue.
func (d *door) tasks(queue string) int {
	d.t.Helper()
	info, err := d.inspector.GetQueueInfo(queue)
	if err != nil {
		d.t.Fatal(err)
	}
	return info.Pending + info.Scheduled
}

// begin makes the ledger know m, as a worker's first attempt does.
func (d *door) begin(m *message.Message) {
	d.t.Helper()
	_, err := d.ledger.Begin(d.t.Context(), message.Attempt{Run: "run-1", Message: m, Created: d.now,
		Window: time.Minute, MaxAttempts: 3, Keep: time.Hour})
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *door) settle(m *message.Message, o message.Outcome) {
	d.t.Helper()
	_, err := d.ledger.Settle(d.t.Context(), message.Settlement{Run: "run-1", Message: m,
		Answer: message.Answer{Class: fault.OK, MsgID: "7001"}, Clear: o, Doubt: o, Keep: time.Hour})
	if err != nil {
		d.t.Fatal(err)
	}
}

func decode(t *testing.T, text string) *message.Message {
	t.Helper()
	m, err := message.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func order(t *testing.T, id, value string) *message.Message {
	t.Helper()
	return decode(t, fmt.Sprintf(`{"id":%q,"account":"shop","kind":"template",
		"body":{"touser":"oUser","template_id":"tpl","data":{"keyword1":{"value":%q}}}}`, id, value))
}

func TestTakenTwiceIsOneTask(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDoor(t, client)
		if got := d.take(order(t, "o-1", "paid")); got.Duplicate || got.State != message.Queued || got.ID != "o-1" || got.Account != "shop" {
			t.Errorf("first: %+v", got)
		}
		if got := d.take(order(t, "o-1", "paid")); !got.Duplicate || got.State != message.Queued {
			t.Errorf("second: %+v", got)
		}
		if n := d.tasks("shop.template"); n != 1 {
			t.Errorf("%d tasks wait; want 1", n)
		}
	})
}

func TestMessageWithoutIDGetsOne(t *testing.T) {
	d := newDoor(t, redistest.Mini(t))
	text := `{"account":"shop","kind":"template","body":{"touser":"o","template_id":"t","data":{"k":{"value":"v","color":"#173177"}}}}`
	first, second := d.take(decode(t, text)), d.take(decode(t, text))
	if len(first.ID) != 26 || first.ID == second.ID || second.Duplicate {
		t.Errorf("two messages without id: %+v, %+v", first, second)
	}
	if len(first.Warnings) == 0 {
		t.Error("the colour that WeChat drops is not warned of")
	}
}

func TestKnownIDAnswersItsState(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDoor(t, client)
		m := order(t, "o-1", "paid")
		d.take(m)
		d.begin(m)
		if got := d.take(m); !got.Duplicate || got.State != message.Sending {
			t.Errorf("while it is sent: %+v", got)
		}
		d.settle(m, message.Outcome{State: message.Accepted})
		if got := d.take(m); !got.Duplicate || got.State != message.Accepted {
			t.Errorf("after its end: %+v", got)
		}
		if _, err := d.Take(t.Context(), order(t, "o-1", "refunded")); !fault.Is(err, fault.Conflict) {
			t.Errorf("other content: %v", err)
		}
		if _, err := d.Take(t.Context(), order(t, "o-2", "x")); err != nil {
			t.Errorf("another id: %v", err)
		}
	})
}

func TestRepeatedLateIsADuplicateNotARefusal(t *testing.T) {
	d := newDoor(t, redistest.Mini(t))
	text := `{"id":"o-1","account":"mini","kind":"wxopen","expires_at":"2026-11-22T12:00:00Z",
		"body":{"touser":"o","template_id":"t","form_id":"f1"}}`
	d.now = now.Add(-time.Hour)
	m := decode(t, text)
	d.take(m)
	d.begin(m)
	d.settle(m, message.Outcome{State: message.Accepted})
	d.now = now.Add(10 * 24 * time.Hour)
	if got := d.take(m); !got.Duplicate || got.State != message.Accepted {
		t.Errorf("%+v", got)
	}
}

func TestOtherContentUnderAWaitingIDIsAConflict(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDoor(t, client)
		d.take(order(t, "o-1", "paid"))
		result, err := d.Take(t.Context(), order(t, "o-1", "refunded"))
		if !fault.Is(err, fault.Conflict) || result.ID != "o-1" {
			t.Errorf("%+v, %v", result, err)
		}
	})
}

func TestArchivedTaskWithoutRecordIsReplaced(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDoor(t, client)
		d.take(order(t, "o-1", "paid"))
		if err := d.inspector.ArchiveTask("shop.template", "o-1"); err != nil {
			t.Fatal(err)
		}
		if got := d.take(order(t, "o-1", "again")); got.Duplicate || got.State != message.Queued {
			t.Errorf("%+v", got)
		}
		if n := d.tasks("shop.template"); n != 1 {
			t.Errorf("%d tasks wait; want 1", n)
		}
	})
}

func TestManyAtOnceAreOne(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDoor(t, client)
		var fresh atomic.Int32
		var group sync.WaitGroup
		for range 50 {
			group.Go(func() {
				result, err := d.Take(context.Background(), order(t, "o-1", "paid"))
				if err != nil {
					t.Error(err)
				} else if !result.Duplicate {
					fresh.Add(1)
				}
			})
		}
		group.Wait()
		if n := fresh.Load(); n != 1 {
			t.Errorf("%d of 50 were told that theirs is the first; want 1", n)
		}
		if n := d.tasks("shop.template"); n != 1 {
			t.Errorf("%d tasks wait; want 1", n)
		}
	})
}

func TestRedisAway(t *testing.T) {
	d := newDoor(t, redistest.Mini(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	result, err := d.Take(ctx, order(t, "o-1", "paid"))
	if !fault.Is(err, fault.Unavailable) || result.ID != "o-1" {
		t.Errorf("%+v, %v", result, err)
	}
}
