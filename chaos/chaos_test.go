package chaos_test

import (
	"context"
	"testing"
	"time"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/store"
)

// TestChaos lets messages of all kinds drain while everything dies around them,
// and then holds the stand-in's own count against the ledger.
func TestChaos(t *testing.T) {
	r := newRun(t)
	ctx, cancel := r.within()
	defer cancel()
	r.open(ctx)
	steps := plan(r.dice, *howLong, workers)
	lasts := lasts(steps, *howLong)
	r.tell("seed %d: %d messages, %s of faults", r.seed, len(r.parts), lasts.Round(time.Second))

	fed := make(chan error, 1)
	feeding, stopFeeding := context.WithCancel(ctx)
	defer func() { stopFeeding(); <-fed }()
	go func() {
		defer close(fed)
		fed <- r.feed.feed(feeding, r.parts, lasts)
	}()
	r.stand.weather(1)
	r.work(ctx, steps)

	r.stand.ClearFaults()
	r.tell("%6.1fs  the faults end", time.Since(r.begun).Seconds())
	if err := <-fed; err != nil {
		t.Fatalf("not every message could be handed over: %v", err)
	}
	r.settle(ctx)
}

// open starts Redis, what stands before it, and the workers.
func (r *run) open(ctx context.Context) {
	r.t.Helper()
	r.redis = redistest.Start(r.t, "--appendonly", "yes", "--appendfsync", "always")
	r.proxy = startProxy(r.t, r.redis.Addr)
	r.direct = redistest.Client(r.t, r.redis.Addr)
	r.book = ledger.New(r.direct)
	r.parts = cast(r.t, *messages, r.dice, r.stand.Sim)
	r.collect(ctx)
	r.build()
	r.launch(ctx, "2000", "REDIS_ADDRS="+r.proxy.Addr)
	r.apps(store.Options{Addrs: []string{r.proxy.Addr}}, "REDIS_ADDRS="+r.proxy.Addr)
}

// settle waits until every message has ended, stops everything in order and
// judges.
func (r *run) settle(ctx context.Context) {
	r.t.Helper()
	waiting, cancel := context.WithTimeout(ctx, *patience)
	defer cancel()
	began := time.Now()
	if err := r.awaitEnds(waiting); err != nil {
		r.t.Errorf("%v", err)
	}
	r.tell("%6.1fs  every message has ended, %s after the faults", time.Since(r.begun).Seconds(), time.Since(began).Round(100*time.Millisecond))
	r.fleet.stop()
	for _, words := range r.fleet.problems {
		r.t.Error(words)
	}
	r.judge(ctx)
}
