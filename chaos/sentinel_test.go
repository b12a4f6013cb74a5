package chaos_test

import (
	"context"
	"testing"
	"time"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/registry"
	"wxdispatch/internal/store"
)

const (
	sentinelMessages = 1500
	// handedOver is over how long: the failover falls into the middle of it.
	handedOver = 12 * time.Second
	// sentinelRate keeps the drain going for longer than a failover takes.
	sentinelRate = "120"
	// severed is how long the master has nobody to tell before it dies.
	severed = 700 * time.Millisecond
)

// TestChaosSentinel cuts the replica off in the middle of a run, while apps hand
// messages over, and kills the master. What its replica had not heard is lost;
// redis.wait_replicas sees to it that no call and no message that was taken is
// among that.
func TestChaosSentinel(t *testing.T) {
	r := newRun(t)
	ctx, cancel := r.within()
	defer cancel()
	watched := redistest.Sentinel(t, "--appendonly", "yes", "--appendfsync", "always")
	way := store.Options{Addrs: []string{watched.Sentinel.Addr}, MasterName: redistest.MasterName}
	r.direct = store.Open(way)
	t.Cleanup(func() { _ = r.direct.Close() })
	r.book = ledger.New(r.direct)
	r.parts = cast(t, sentinelMessages, r.dice, r.stand.Sim)
	r.build()
	vars := []string{"REDIS_MODE=sentinel", "REDIS_ADDRS=" + watched.Sentinel.Addr, "REDIS_MASTER_NAME=" + redistest.MasterName, "REDIS_WAIT_REPLICAS=1"}
	r.apps(way, vars...)
	r.announce(ctx)
	r.collect(ctx)
	fed := make(chan error, 1)
	feeding, stopFeeding := context.WithCancel(ctx)
	defer func() { stopFeeding(); <-fed }()
	go func() {
		defer close(fed)
		fed <- r.feed.feed(feeding, r.parts, handedOver)
	}()

	r.tell("seed %d: %d messages, a failover after a third of them", r.seed, len(r.parts))
	r.stand.weather(0.5)
	r.launch(ctx, sentinelRate, vars...)
	if err := r.stand.WaitCalls(ctx, len(r.parts)/3); err != nil {
		t.Fatal(err)
	}
	r.done[failover]++
	r.tell("%6.1fs  %s", time.Since(r.begun).Seconds(), failover)
	watched.Sever(t, severed)
	watched.Failover(t)
	calls := r.stand.Stats().Calls
	r.tell("%6.1fs  the replica is master; %d calls so far; the old master returns", time.Since(r.begun).Seconds(), calls)
	watched.Return(t)
	r.stand.ClearFaults()
	if err := <-fed; err != nil {
		t.Fatalf("not every message could be handed over: %v", err)
	}
	r.settle(ctx)
}

// announce tells apps of the accounts before the first worker does.
func (r *run) announce(ctx context.Context) {
	r.t.Helper()
	err := registry.New(r.direct).Publish(ctx, []registry.Account{
		{Name: shop, Type: message.Official, AppID: shopAppID}, {Name: mini, Type: message.MiniProgram, AppID: miniAppID}})
	if err != nil {
		r.t.Fatal(err)
	}
}
