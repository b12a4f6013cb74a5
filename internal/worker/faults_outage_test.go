package worker_test

import (
	"fmt"
	"testing"
	"time"

	"wxdispatch/internal/config"
	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat/wechattest"
)

// The faults of WeChat as a whole.

// An outage, shorter than real ones and with parks of half a second to six
// instead of ten seconds to a minute: busy, then silent, then well again.
func TestAnOutageFailsNothing(t *testing.T) {
	s := faultStage(t)
	const each, busyFor, silentFor = 150, 4 * time.Second, 5 * time.Second
	w := s.assembled(func(cfg *config.Config) {
		setTimeout(cfg, 500*time.Millisecond)
		// Tried four times, a message would fail long before the outage ends.
		cfg.Retry.MaxAttempts, cfg.Retry.MinDelay = 4, 300*time.Millisecond
		for name, a := range cfg.Accounts {
			a.Rate, a.Burst = 100, 5
			cfg.Accounts[name] = a
		}
	})
	w.ShortenOutages(500*time.Millisecond, 6*time.Second)
	s.start(w)
	var all []*message.Message
	for i := range each {
		all = append(all, template(t, fmt.Sprint("t-", i), fmt.Sprint("oShop", i)), subscribe(t, fmt.Sprint("s-", i), fmt.Sprint("oMini", i)))
	}
	s.put(all...)
	s.delivered(each / 3)

	busy := s.sim.Inject(wechattest.Fault{Code: -1})
	s.bothMeet("-1", 10) // so the kinds are parked, and nothing is under way when silence begins
	<-time.After(busyFor)
	s.sim.Inject(wechattest.Fault{Mode: wechattest.ModeSilent, Counted: true})
	s.sim.RemoveFault(busy)
	<-time.After(silentFor)
	s.bothMeet("silent", 1)
	s.sim.ClearFaults()

	ends := map[message.State]int{}
	for _, m := range all {
		ends[s.ended(m.Account, m.ID).State]++
	}
	s.stop(w)
	stats := s.sim.Stats()
	for _, kind := range []message.Kind{message.Template, message.Subscribe} {
		if n := stats.Count(kind, "silent"); n > 4 {
			t.Errorf("%d calls of %s went into the silence, want a try now and then", n, kind)
		}
	}
	silent := int(stats.Count(message.Subscribe, "silent"))
	if ends[message.InDoubt] > silent || ends[message.Accepted]+ends[message.InDoubt] != len(all) {
		t.Errorf("ends: %v; want all %d accepted but for at most the %d calls that were never answered", ends, len(all), silent)
	}
	s.eachOnce(len(all)) // the silent ones were delivered, too
}

// One message alone meets every try of an outage, more than its attempts.
func TestAnOutageCostsNoAttempts(t *testing.T) {
	s := faultStage(t)
	w := s.assembled(func(cfg *config.Config) { cfg.Retry.MaxDelay = 50 * time.Millisecond })
	w.ShortenOutages(50*time.Millisecond, 100*time.Millisecond)
	s.start(w)
	s.sim.Inject(wechattest.Fault{Code: -1, Times: 20}) // max_attempts is 12
	m := subscribe(t, "a", "oMini")
	s.put(m)
	if rec := s.wantEnd(m, message.Accepted, ""); rec.Attempts > 12 {
		t.Errorf("%d attempts were counted, want those before the outage was known and the last", rec.Attempts)
	}
	s.stop(w)
	s.eachOnce(1)
}

// bothMeet waits until each of the two kinds has met an outcome so often.
func (s *stage) bothMeet(outcome string, n int64) {
	s.t.Helper()
	s.until(fmt.Sprintf("both kinds met %s %d times", outcome, n), func() bool {
		stats := s.sim.Stats()
		return stats.Count(message.Template, outcome) >= n && stats.Count(message.Subscribe, outcome) >= n
	})
}
