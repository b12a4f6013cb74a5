package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestOnlyTheRepairingClientWritesOnACancelledContext(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		set := redis.NewScript(`return redis.call('SET', KEYS[1], ARGV[1])`)
		over, cancel := context.WithCancel(t.Context())
		cancel()
		if err := set.Run(over, client, []string{"a"}, "1").Err(); !errors.Is(err, context.Canceled) {
			t.Fatalf("the plain client: got %v, want that the context is over", err)
		}
		if err := set.Run(over, store.Repairing(client), []string{"a"}, "1").Err(); err != nil {
			t.Fatalf("the repairing client: %v", err)
		}
		if got := client.Get(t.Context(), "a").Val(); got != "1" {
			t.Fatalf("got %q, want what was written", got)
		}
	})
}

func TestKeysOfTheEmbeddedRedisExpire(t *testing.T) {
	embedded, err := store.StartEmbedded("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer embedded.Close()
	client := store.Open(store.Options{Addrs: []string{embedded.Addr()}})
	defer client.Close()
	if err := client.Set(t.Context(), "a", 1, time.Second).Err(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for client.Exists(ctx, "a").Val() == 1 { // each look is a trip; the ticker moves time on
	}
	if err := ctx.Err(); err != nil {
		t.Fatal("the key did not expire")
	}
}

func TestAnAddressInUseIsSaidSo(t *testing.T) {
	embedded, err := store.StartEmbedded("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer embedded.Close()
	if _, err := store.StartEmbedded(embedded.Addr()); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("got %v, want class unavailable", err)
	}
}

func TestARedisThatIsAwayIsToldInTime(t *testing.T) {
	client := store.Open(store.Options{Addrs: []string{"127.0.0.1:1"}})
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	if err := store.Ping(ctx, client); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("got %v, want class unavailable", err)
	}
}
