package ledger_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
)

// TestABatchsLife: what opens, turns and ends one, and what does not.
func TestABatchsLife(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		l, ctx := ledger.New(client), t.Context()
		open := func(kind message.Kind, o ledger.BatchOptions, want ledger.BatchState) {
			t.Helper()
			if got, err := l.OpenBatch(ctx, "shop", "spring", kind, o); err != nil || got != want {
				t.Fatalf("open: %s, %v; want %s", got, err, want)
			}
		}
		stand := func(waits, want bool) {
			t.Helper()
			if got, err := l.StandBatch(ctx, "shop", "spring", waits, time.Hour); err != nil || got != want {
				t.Fatalf("stand with waits %v: %v, %v; want %v", waits, got, err, want)
			}
		}
		shown := func() *ledger.Batch {
			t.Helper()
			b, err := l.Batch(ctx, "shop", "spring")
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		if err := l.NoteBatch(ctx, "shop", "spring", 1, 0, true); !fault.Is(err, fault.NotFound) {
			t.Fatalf("a note of no batch: %v", err)
		}
		stand(false, false)
		open(message.Template, ledger.BatchOptions{Rate: 2.5, IgnoreQuiet: true, By: "operator", Loading: true}, ledger.BatchRunning)
		open(message.Bizsend, ledger.BatchOptions{By: "app"}, ledger.BatchRunning)
		b := shown()
		if b.Rate != 2.5 || !b.IgnoreQuiet || b.By != "operator" || len(b.Kinds) != 2 || len(b.Lanes()) != 2 || !b.Loading {
			t.Fatalf("it stands as %+v", b)
		}
		stand(false, false) // more is expected
		if err := l.NoteBatch(ctx, "shop", "spring", 10, 2, true); err != nil {
			t.Fatal(err)
		}
		stand(false, true)
		stand(false, false)
		if b = shown(); b.DoneAt.IsZero() || b.Rows != 10 || b.Refused != 2 || b.Loading {
			t.Fatalf("done it stands as %+v", b)
		}
		if ttl := client.PTTL(ctx, "wxd:{shop}:b:spring").Val(); ttl <= 0 || ttl > time.Hour {
			t.Fatalf("it lives %v", ttl)
		}
		stand(true, true) // somebody put more into it
		if ttl := client.PTTL(ctx, "wxd:{shop}:b:spring").Val(); ttl > 0 || !shown().DoneAt.IsZero() {
			t.Fatalf("it goes on, and lives %v", ttl)
		}
		for _, turn := range []struct {
			to      ledger.BatchState
			changed bool
			now     ledger.BatchState
		}{
			{ledger.BatchPaused, true, ledger.BatchPaused}, {ledger.BatchPaused, false, ledger.BatchPaused},
			{ledger.BatchRunning, true, ledger.BatchRunning}, {ledger.BatchCancelled, true, ledger.BatchCancelled},
			{ledger.BatchRunning, false, ledger.BatchCancelled},
		} {
			if changed, now, err := l.TurnBatch(ctx, "shop", "spring", turn.to); err != nil || changed != turn.changed || now != turn.now {
				t.Fatalf("turned to %s: %v, %s, %v", turn.to, changed, now, err)
			}
		}
		open(message.Template, ledger.BatchOptions{}, ledger.BatchCancelled)
		if err := l.ForgetBatch(ctx, "shop", "spring"); err != nil {
			t.Fatal(err)
		}
		if known, over, err := l.Batches(ctx, "shop"); err != nil || len(known) != 1 || len(over) != 0 {
			t.Fatalf("a batch that is there was forgotten: %v, %v, %v", known, over, err)
		}
		client.Del(ctx, "wxd:{shop}:b:spring")
		if _, over, err := l.Batches(ctx, "shop"); err != nil || len(over) != 1 {
			t.Fatalf("its keep is over: %v, %v", over, err)
		}
		if err := l.ForgetBatch(ctx, "shop", "spring"); err != nil || client.Exists(ctx, "wxd:{shop}:batches").Val() != 0 {
			t.Fatalf("it is on the list still, %v", err)
		}
	})
}

// TestBeginHeedsItsBatch: what pauses holds, what is cancelled ends, also what a
// dead run left; no call is made of either.
func TestBeginHeedsItsBatch(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		l, ctx := ledger.New(client), t.Context()
		if _, err := l.OpenBatch(ctx, "shop", "spring", message.Template, ledger.BatchOptions{}); err != nil {
			t.Fatal(err)
		}
		ask := func(id, run string, window time.Duration) message.Leave {
			t.Helper()
			m := &message.Message{ID: id, Account: "shop", Kind: message.Template, Digest: "d", Batch: "spring",
				Body: &message.TemplateBody{ToUser: "oUser", Template: "tpl"}}
			leave, err := l.Begin(ctx, message.Attempt{Run: run, Message: m, Created: time.Now(), Window: window,
				Resend: message.Always, MaxAttempts: 12, Keep: time.Hour})
			if err != nil {
				t.Fatal(err)
			}
			return leave
		}
		turn := func(to ledger.BatchState) {
			t.Helper()
			if _, _, err := l.TurnBatch(ctx, "shop", "spring", to); err != nil {
				t.Fatal(err)
			}
		}
		if leave := ask("dead", "r1", 0); leave.Decision != message.Send {
			t.Fatalf("while it runs: %+v", leave)
		}
		turn(ledger.BatchPaused)
		if leave := ask("a", "r2", time.Minute); leave.Decision != message.PutOff || !leave.Parked || leave.Reason != "batch_paused" {
			t.Fatalf("while it pauses: %+v", leave)
		}
		if _, err := l.Record(ctx, "shop", "a"); !fault.Is(err, fault.NotFound) {
			t.Fatalf("a message that was held has a record: %v", err)
		}
		turn(ledger.BatchCancelled)
		if leave := ask("a", "r3", time.Minute); leave.Decision != message.Ended || leave.State != message.Cancelled || leave.Reason != "batch_cancelled" {
			t.Fatalf("cancelled: %+v", leave)
		}
		// Its first attempt may have arrived.
		if leave := ask("dead", "r4", time.Minute); leave.Decision != message.Ended || leave.State != message.InDoubt {
			t.Fatalf("what may have been sent: %+v", leave)
		}
		b, err := l.Batch(ctx, "shop", "spring")
		if err != nil || b.Ended[message.Cancelled] != 1 || b.Ended[message.InDoubt] != 1 || b.Ends() != 2 {
			t.Fatalf("it counts %+v, %v", b, err)
		}
		// Ended for a person: replayed it is none of the bad ends any more.
		if _, err := l.Resolve(ctx, "shop", "dead", ledger.Drop, "operator", time.Hour); err != nil {
			t.Fatal(err)
		}
		if b, _ = l.Batch(ctx, "shop", "spring"); b.Ended[message.Failed] != 1 || b.Ended[message.InDoubt] != 0 {
			t.Fatalf("after the doubt was dropped it counts %+v", b)
		}
	})
}
