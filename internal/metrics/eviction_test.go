package metrics

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestEvictionIsAskedForOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New()
		var asked atomic.Int64
		answers := []func() (bool, error){
			func() (bool, error) { return true, nil },
			func() (bool, error) { return false, nil },
			func() (bool, error) { return false, errors.New("NOPERM") },
		}
		m.WatchEviction(func(context.Context) (bool, error) { return answers[asked.Add(1)-1]() })
		want(t, scrape(t, m), "wxdispatch_redis_noeviction 1")
		time.Sleep(evictionEvery - time.Second)
		want(t, scrape(t, m), "wxdispatch_redis_noeviction 1")
		if n := asked.Load(); n != 1 {
			t.Errorf("Redis was asked %d times within a minute", n)
		}
		time.Sleep(time.Second)
		want(t, scrape(t, m), "wxdispatch_redis_noeviction 0")
		time.Sleep(evictionEvery)
		absent(t, scrape(t, m), "wxdispatch_redis_noeviction")
	})
}

func TestAFrozenRedisTellsNoPolicy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New()
		m.WatchEviction(func(ctx context.Context) (bool, error) {
			<-ctx.Done()
			return true, ctx.Err()
		})
		start := time.Now()
		absent(t, scrape(t, m), "wxdispatch_redis_noeviction")
		if took := time.Since(start); took != lookLimit {
			t.Errorf("the scrape waited %v; it should wait %v", took, lookLimit)
		}
	})
}
