package ledger_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/store"
)

// TestABeginCountsOnlyOnceItsReplicaHasIt: with the replica cut off nothing is
// sent, and what was begun is given back whole.
func TestABeginCountsOnlyOnceItsReplicaHasIt(t *testing.T) {
	master := redistest.Start(t, "--repl-diskless-sync-delay", "0")
	host, port, _ := strings.Cut(master.Addr, ":")
	replica := redistest.Start(t, "--replicaof", host, port)
	client := redis.NewClient(&redis.Options{Addr: master.Addr})
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	inStep(ctx, t, client)
	d := newDesk(t, client)
	d.ledger = ledger.New(client, ledger.Durably(store.Replicated(client, 1)))
	d.want("with the replica there", d.begin("r1").Decision, message.Send)
	d.want("settled", d.refused("r1").State, message.Refused)

	replica.Stop()
	defer replica.Continue()
	d.m.ID, d.ask.Run = "order-2", "r1"
	_, err := d.ledger.Begin(ctx, d.ask)
	if !fault.Is(err, fault.Unavailable) {
		t.Fatalf("with the replica cut off: got %v, want class unavailable", err)
	}
	if _, err := d.ledger.Begin(ctx, d.ask); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("asked again, when nothing is left to write: got %v, want class unavailable", err)
	}
	d.want("given back", d.settle("r1", message.Answer{Class: fault.Unsent}, givenBack, givenBack).State, message.Waiting)
	d.want("attempts", d.record().Attempts, 0)

	replica.Continue()
	inStep(ctx, t, client)
	leave := d.begin("r2")
	d.want("with the replica back", leave.Decision, message.Send)
	d.want("attempt", leave.Attempt, 1)
}

// inStep returns once the replica has what the master was told.
func inStep(ctx context.Context, t *testing.T, client *redis.Client) {
	t.Helper()
	conn := client.Conn()
	defer conn.Close()
	for n := int64(0); n == 0; {
		if err := conn.Set(ctx, "here", 1, 0).Err(); err != nil {
			t.Fatal(err)
		}
		var err error
		if n, err = conn.Wait(ctx, 1, time.Second).Result(); err != nil {
			t.Fatal(err)
		}
	}
}
