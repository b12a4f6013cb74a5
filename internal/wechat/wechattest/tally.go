package wechattest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// tally counts something, and wakes those who wait for a number of it. Counting
// costs one atomic add while nobody waits.
type tally struct {
	n       atomic.Int64
	waiting atomic.Int32

	mu      sync.Mutex
	waiters []waiter
}

type waiter struct {
	target int64
	done   chan struct{}
}

func (t *tally) add() {
	n := t.n.Add(1)
	if t.waiting.Load() == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiters = slices.DeleteFunc(t.waiters, func(w waiter) bool {
		if w.target > n {
			return false
		}
		close(w.done)
		return true
	})
}

func (t *tally) reset() { t.n.Store(0) }

// wait blocks until the count is at least target or ctx ends.
func (t *tally) wait(ctx context.Context, target int, what string) error {
	w := waiter{int64(target), make(chan struct{})}
	t.waiting.Add(1)
	defer t.waiting.Add(-1)
	t.mu.Lock()
	t.waiters = append(t.waiters, w)
	t.mu.Unlock()
	defer t.forget(w)
	if t.n.Load() >= w.target {
		return nil
	}
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wechattest: waited for %d %s, saw %d: %w", target, what, t.n.Load(), context.Cause(ctx))
	}
}

func (t *tally) forget(w waiter) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiters = slices.DeleteFunc(t.waiters, func(v waiter) bool { return v.done == w.done })
}

// WaitDeliveries blocks until at least n messages were delivered since New or
// Reset; the error is ctx's, with what was seen by then.
func (s *Sim) WaitDeliveries(ctx context.Context, n int) error {
	return s.rings.wait(ctx, n, "deliveries")
}

// WaitCalls blocks until the stand-in has decided on at least n send calls
// since New or Reset. A call counts before its answer goes out, so one that is
// never answered counts, too.
func (s *Sim) WaitCalls(ctx context.Context, n int) error {
	return s.calls.wait(ctx, n, "calls")
}
