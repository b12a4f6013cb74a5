package store_test

import (
	"testing"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/store"
)

func TestWhatReplicasHave(t *testing.T) {
	master := redistest.Start(t)
	host, port := "127.0.0.1", master.Addr[len("127.0.0.1:"):]
	replica := redistest.Start(t, "--replicaof", host, port)
	client, copied := redistest.Client(t, master.Addr), redistest.Client(t, replica.Addr)
	if store.Replicated(client, 0) != nil {
		t.Fatal("no replicas asked for: want nothing to wait for")
	}
	wait := store.Replicated(client, 1)
	for wait(t.Context(), "mark") != nil { // each try takes up to a second: the replica joins meanwhile
		if t.Context().Err() != nil {
			t.Fatal("the replica never joined")
		}
	}
	if err := client.Set(t.Context(), "a", "1", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if err := wait(t.Context(), "mark"); err != nil {
		t.Fatal(err)
	}
	if got := copied.Get(t.Context(), "a").Val(); got != "1" {
		t.Fatalf("the replica has %q, want what was written before the wait", got)
	}
	replica.Stop()
	defer replica.Continue()
	if err := wait(t.Context(), "mark"); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("the replica is cut off: got %v, want class unavailable", err)
	}
}
