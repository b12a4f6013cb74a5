package intake_test

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
)

// fail makes a message end badly, with its content kept.
func (d *door) fail(m *message.Message) {
	d.t.Helper()
	d.begin(m)
	d.settle(m, message.Outcome{State: message.Failed, Reason: "attempts"})
	if err := d.ledger.KeepPayload(d.t.Context(), m, time.Hour); err != nil {
		d.t.Fatal(err)
	}
}

// requeuer works with a queue of the test's own.
func (d *door) requeuer(queue intake.Queue) intake.Requeuer {
	return intake.Requeuer{Contents: d.ledger, Queue: queue, Now: time.Now, Keep: time.Hour}
}

func (d *door) replayer(queue intake.Queue, client redis.UniversalClient) intake.Replayer {
	return intake.Replayer{Lookup: d.lookup, Lives: d.ledger, Requeue: d.requeuer(queue),
		Clock: func(ctx context.Context) (time.Time, error) { return client.Time(ctx).Result() }}
}

func (d *door) kept(id string) bool {
	d.t.Helper()
	_, err := d.ledger.Payload(d.t.Context(), "shop", id)
	if err != nil && !fault.Is(err, fault.NotFound) {
		d.t.Fatal(err)
	}
	return err == nil
}

// putting is a queue that does something around a Put.
type putting struct {
	intake.Queue
	before, after func()
}

func (p *putting) Put(ctx context.Context, m *message.Message, created time.Time) (bool, error) {
	if p.before != nil {
		p.before()
	}
	duplicate, err := p.Queue.Put(ctx, m, created)
	if p.after != nil {
		p.after()
	}
	return duplicate, err
}

func TestRequeueMayBeRepeated(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDoor(t, client)
		m := order(t, "o-1", "paid")
		if held, err := d.requeuer(d.Queue).Requeue(t.Context(), "shop", "o-1"); held || err != nil {
			t.Fatalf("without a content: %v, %v", held, err)
		}
		d.fail(m)
		if held, err := d.requeuer(&putting{Queue: d.Queue}).Requeue(t.Context(), "shop", "o-1"); !held || err != nil {
			t.Fatalf("got %v, %v", held, err)
		}
		if err := d.ledger.KeepPayload(t.Context(), m, time.Hour); err != nil {
			t.Fatal(err)
		}
		if held, err := d.requeuer(d.Queue).Requeue(t.Context(), "shop", "o-1"); held || err != nil {
			t.Fatalf("again: %v, %v", held, err)
		}
		if n := d.tasks("shop.template"); n != 1 {
			t.Errorf("%d tasks wait; want 1", n)
		}
	})
}

// A worker may be quicker than the one who requeues: it has ended the new life
// badly before the content of the old one is dropped.
func TestRequeueKeepsTheContentOfAQuickBadEnd(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDoor(t, client)
		m := order(t, "o-1", "paid")
		d.fail(m)
		quick := &putting{Queue: d.Queue, after: func() { d.fail(m) }}
		if state, err := d.replayer(quick, client).Replay(t.Context(), "shop", "o-1"); err != nil {
			t.Fatalf("%s, %v", state, err)
		}
		if !d.kept("o-1") {
			t.Error("the content of a bad end is gone: it cannot be sent again")
		}
	})
}

// Redis stands still between the ledger's new life and the queue. asynq's task
// may have been taken nevertheless; whoever repeats it makes one of it.
func TestReplayWhileRedisStandsStill(t *testing.T) {
	server := redistest.Start(t)
	client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: []string{server.Addr},
		ReadTimeout: 200 * time.Millisecond, MaxRetries: -1, ContextTimeoutEnabled: true})
	t.Cleanup(func() { _ = client.Close() })
	d := newDoor(t, client)
	for _, id := range []string{"o-1", "o-2"} {
		d.fail(order(t, id, "paid"))
	}
	frozen := &putting{Queue: d.Queue, before: server.Stop}
	if _, err := d.replayer(frozen, client).Replay(t.Context(), "shop", "o-1"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v, want class unavailable", err)
	}
	server.Continue()
	for range 2 {
		for _, id := range []string{"o-1", "o-2"} {
			state, err := d.replayer(d.Queue, client).Replay(t.Context(), "shop", id)
			if err != nil && !fault.Is(err, fault.Conflict) || state != message.Waiting {
				t.Errorf("%s: %s, %v", id, state, err)
			}
		}
	}
	if n := d.tasks("shop.template"); n != 2 {
		t.Errorf("%d tasks wait; want 2", n)
	}
	for _, id := range []string{"o-1", "o-2"} {
		if record, err := d.ledger.Record(t.Context(), "shop", id); err != nil || record.Life != 2 {
			t.Errorf("%s: %+v, %v", id, record, err)
		}
	}
}

// A selection is replayed as of one moment: what ended again since is not in it.
func TestReplayEndLeavesWhatEndedSince(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDoor(t, client)
		m := order(t, "o-1", "paid")
		d.fail(m)
		record, err := d.ledger.Record(t.Context(), "shop", "o-1")
		if err != nil {
			t.Fatal(err)
		}
		replayer := d.replayer(d.Queue, client)
		if _, err := replayer.ReplayEnd(t.Context(), record, record.UpdatedAt.Add(-time.Millisecond)); !fault.Is(err, fault.Conflict) {
			t.Errorf("it ended later: %v", err)
		}
		for i := range 2 {
			_, err := replayer.ReplayEnd(t.Context(), record, record.UpdatedAt)
			if (i == 0) != (err == nil) {
				t.Errorf("time %d: %v", i+1, err)
			}
		}
	})
}

func TestManyReplayAtOnceOneIsSent(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDoor(t, client)
		d.fail(order(t, "o-1", "paid"))
		done := make(chan error)
		for range 20 {
			go func() {
				_, err := d.replayer(d.Queue, client).Replay(context.Background(), "shop", "o-1")
				done <- err
			}()
		}
		for range 20 {
			if err := <-done; err != nil && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.NotFound) {
				t.Error(err)
			}
		}
		record, err := d.ledger.Record(t.Context(), "shop", "o-1")
		if err != nil || record.Life != 2 || d.tasks("shop.template") != 1 {
			t.Errorf("%+v, %v, %d tasks; want life 2 and one task", record, err, d.tasks("shop.template"))
		}
	})
}

func TestFindLooksNoFurtherThanRecordsAreKept(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		d := newDoor(t, client)
		d.fail(order(t, "o-1", "paid"))
		finder := intake.Finder{Accounts: d.Accounts, Records: d.ledger, Now: time.Now, MaxAge: time.Hour, Keep: time.Hour}
		if records, err := finder.Find(t.Context(), "shop", "oUser", "", time.Time{}); err != nil || len(records) != 1 {
			t.Errorf("%d records, %v", len(records), err)
		}
		if records, err := finder.Find(t.Context(), "shop", "oUser", "other", time.Time{}); err != nil || len(records) != 0 {
			t.Errorf("another template: %d records, %v", len(records), err)
		}
	})
}
