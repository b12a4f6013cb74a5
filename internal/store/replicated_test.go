package store_test

import (
	"testing"

	"github.com/redis/go-redis/v9"

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
	replicated := store.Replicated(client, 1)
	set := redis.NewScript(`return redis.call('SET', KEYS[1], ARGV[1])`)
	write := func(value string) error {
		return replicated(t.Context(), "{a}", func(client redis.UniversalClient) error {
			return set.Run(t.Context(), client, []string{"{a}"}, value).Err()
		})
	}
	for write("0") != nil { // each try takes up to a second: the replica joins meanwhile
		if t.Context().Err() != nil {
			t.Fatal("the replica never joined")
		}
	}
	if err := write("1"); err != nil {
		t.Fatal(err)
	}
	if got := copied.Get(t.Context(), "{a}").Val(); got != "1" {
		t.Fatalf("the replica has %q, want what was written before the wait", got)
	}
	replica.Stop()
	defer replica.Continue()
	if err := write("2"); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("the replica is cut off: got %v, want class unavailable", err)
	}
	nothing := func(redis.UniversalClient) error { return nil }
	if err := replicated(t.Context(), "{a}", nothing); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("nothing written, but before: got %v, want class unavailable", err)
	}
}
