package registry_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/registry"
)

var (
	shop = registry.Account{Name: "shop", Type: message.Official, AppID: "wx1"}
	mini = registry.Account{Name: "mini", Type: message.MiniProgram, AppID: "wx2"}
)

func TestProducerFindsWhatAWorkerAnnounced(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		ctx := t.Context()
		if err := registry.New(client).Publish(ctx, []registry.Account{shop, mini}); err != nil {
			t.Fatal(err)
		}
		producer := registry.New(client)
		if got, err := producer.Find(ctx, "mini"); err != nil || !reflect.DeepEqual(got, mini) {
			t.Errorf("Find(mini) = %+v, %v; want %+v", got, err, mini)
		}
		list, err := producer.List(ctx)
		if err != nil || !reflect.DeepEqual(list, []registry.Account{mini, shop}) {
			t.Errorf("List() = %+v, %v; want mini, shop", list, err)
		}
	})
}

func TestUnknownAccountNamesTheKnown(t *testing.T) {
	client, ctx := redistest.Mini(t), t.Context()
	_, err := registry.New(client).Find(ctx, "shop")
	if !fault.Is(err, fault.NotFound) || !strings.Contains(err.Error(), "start a worker") {
		t.Errorf("in an empty Redis: %v", err)
	}
	if err := registry.New(client).Publish(ctx, []registry.Account{shop}); err != nil {
		t.Fatal(err)
	}
	_, err = registry.New(client, mini).Find(ctx, "shpo")
	for _, words := range []string{"shpo", "mini (miniprogram), shop (official)"} {
		if !fault.Is(err, fault.NotFound) || !strings.Contains(err.Error(), words) {
			t.Errorf("error %v does not say %q", err, words)
		}
	}
}

func TestOwnConfigurationStandsInForAnnouncements(t *testing.T) {
	client, ctx := redistest.Mini(t), t.Context()
	producer := registry.New(client, shop, registry.Account{Name: "mini", Type: message.Official})
	if err := registry.New(client).Publish(ctx, []registry.Account{mini}); err != nil {
		t.Fatal(err)
	}
	client.HSet(ctx, keys.Accounts, "shop", `{"type":"of the future"}`)
	if got, err := producer.Find(ctx, "shop"); err != nil || !reflect.DeepEqual(got, shop) {
		t.Errorf("Find(shop) = %+v, %v; want the configuration's own", got, err)
	}
	if got, err := producer.Find(ctx, "mini"); err != nil || !reflect.DeepEqual(got, mini) {
		t.Errorf("Find(mini) = %+v, %v; want what the worker announced", got, err)
	}
}

func TestLooksAreGoodForSomeSeconds(t *testing.T) {
	client, ctx := redistest.Mini(t), t.Context()
	now := time.Unix(1_800_000_000, 0)
	producer := registry.New(client)
	producer.Now = func() time.Time { return now }
	if _, err := producer.Find(ctx, "shop"); !fault.Is(err, fault.NotFound) {
		t.Fatal(err)
	}
	if err := registry.New(client).Publish(ctx, []registry.Account{shop}); err != nil {
		t.Fatal(err)
	}
	now = now.Add(registry.Fresh - time.Millisecond)
	if _, err := producer.Find(ctx, "shop"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a fresh look was not used: %v", err)
	}
	now = now.Add(time.Millisecond)
	if _, err := producer.Find(ctx, "shop"); err != nil {
		t.Errorf("after %s the new account is not seen: %v", registry.Fresh, err)
	}
}

func TestRedisAway(t *testing.T) {
	client := redistest.Mini(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := registry.New(client, shop)
	if _, err := r.Find(ctx, "shop"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("Find: %v", err)
	}
	if err := r.Publish(ctx, []registry.Account{shop}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("Publish: %v", err)
	}
}
