package inbox_test

import (
	"context"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/inbox"
	"wxdispatch/internal/message/keys"
	"wxdispatch/internal/redistest"
)

var at = time.Unix(1_795_000_000, 0)

func TestAPushIsKeptOnceAndUntilItIsDone(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		box := inbox.New(client, nil)
		plain := inbox.Parcel{Body: []byte("a"), Timestamp: at, Nonce: "1", Digest: "d1"}
		other := plain
		other.Digest = "d2"
		bound := other
		bound.Bound = true
		unsigned := inbox.Parcel{Body: []byte("u")}
		for _, step := range []struct {
			name   string
			parcel inbox.Parcel
			want   inbox.Fate
		}{
			{"new", plain, inbox.Kept},
			{"WeChat's repeat", plain, inbox.Repeat},
			{"another body under the same signature", other, inbox.Replay},
			{"sealed anew by WeChat", bound, inbox.Kept},
			{"unsigned", unsigned, inbox.Kept},
			{"unsigned again", unsigned, inbox.Kept},
		} {
			if got, err := box.Put(t.Context(), "shop", step.parcel); err != nil || got != step.want {
				t.Errorf("%s: %s, %v; want %s", step.name, got, err, step.want)
			}
		}
		items, err := box.Take(t.Context(), "shop", 3)
		if err != nil || len(items) != 3 || string(items[0].Body) != "a" || string(items[2].Body) != "u" {
			t.Fatalf("%q, %v", items, err)
		}
		if err := box.Done(t.Context(), "shop", []string{items[0].ID, items[1].ID, items[0].ID}); err != nil {
			t.Fatal(err)
		}
		if n, err := box.Waiting(t.Context(), "shop"); err != nil || n != 2 {
			t.Errorf("%d wait, %v", n, err)
		}
		if n, err := box.Waiting(t.Context(), "mini"); err != nil || n != 0 {
			t.Errorf("another account: %d wait, %v", n, err)
		}
		if err := box.Done(t.Context(), "shop", nil); err != nil {
			t.Error(err)
		}
	})
}

// Pushes that come together go to Redis together; each hears its own fate.
func TestManyAtOnceAreEachKeptOnce(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		box := inbox.New(client, nil)
		const n = 300
		fates := make([]inbox.Fate, 2*n) // each comes twice
		var all errgroup.Group
		for i := range fates {
			all.Go(func() (err error) {
				number := strconv.Itoa(i / 2)
				fates[i], err = box.Put(t.Context(), "shop", inbox.Parcel{Body: []byte(number), Timestamp: at, Nonce: number, Digest: number})
				return err
			})
		}
		if err := all.Wait(); err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(fates); i += 2 {
			if pair := []inbox.Fate{fates[i], fates[i+1]}; !slices.Contains(pair, inbox.Kept) || !slices.Contains(pair, inbox.Repeat) {
				t.Errorf("push %d and its repeat: %q", i/2, pair)
			}
		}
		items, err := box.Take(t.Context(), "shop", 2*n)
		bodies := map[string]bool{}
		for _, item := range items {
			bodies[string(item.Body)] = true
		}
		if err != nil || len(items) != n || len(bodies) != n {
			t.Errorf("%d wait, %d different, %v; want %d", len(items), len(bodies), err, n)
		}
	})
}

func TestWhatIsOnlyLookedAtIsNotKept(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		box := inbox.New(client, nil)
		look := inbox.Parcel{Timestamp: at, Nonce: "1", Digest: "d1"}
		for _, want := range []inbox.Fate{inbox.Kept, inbox.Repeat} {
			if got, err := box.Put(t.Context(), "shop", look); err != nil || got != want {
				t.Errorf("%s, %v; want %s", got, err, want)
			}
		}
		if n, err := box.Waiting(t.Context(), "shop"); err != nil || n != 0 {
			t.Errorf("%d wait, %v", n, err)
		}
	})
}

func TestSignaturesAreForgotten(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		box := inbox.New(client, nil)
		if _, err := box.Put(t.Context(), "shop", inbox.Parcel{Timestamp: at, Nonce: "1", Digest: "d1"}); err != nil {
			t.Fatal(err)
		}
		ttl, err := client.PTTL(t.Context(), keys.Seen("shop", "29916666")).Result()
		if err != nil || ttl <= 20*time.Minute || ttl > 21*time.Minute {
			t.Errorf("known for %s, %v", ttl, err)
		}
	})
}

func TestRedisAway(t *testing.T) {
	client := redistest.Client(t, "127.0.0.1:1")
	box := inbox.New(client, nil)
	if _, err := box.Put(t.Context(), "shop", inbox.Parcel{Body: []byte("a")}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("%v", err)
	}
	if _, err := box.Take(t.Context(), "shop", 1); !fault.Is(err, fault.Unavailable) {
		t.Errorf("%v", err)
	}
}

func TestItIsKeptOnlyOnceReplicasHaveIt(t *testing.T) {
	few := &fault.Error{Op: "test", Class: fault.Unavailable, Message: "0 of 1 replicas have it"}
	box := inbox.New(redistest.Mini(t), func(_ context.Context, _ string, write func(redis.UniversalClient) error) error {
		return few
	})
	if _, err := box.Put(t.Context(), "shop", inbox.Parcel{Body: []byte("a")}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("%v", err)
	}
}
