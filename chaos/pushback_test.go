package chaos_test

import (
	"flag"
	"testing"
	"time"
)

var pushBackFor = flag.Duration("pace.pushback", 0, "how long WeChat pushes back, from 3m; 0: not at all")

// limit lets so many calls a second through, and a few at once.
type limit struct {
	rate, few float64
	tokens    float64
	last      time.Time
}

func (l *limit) allow(now time.Time) bool {
	l.tokens = min(l.few, l.tokens+l.rate*now.Sub(l.last).Seconds())
	l.last = now
	if l.tokens < 1 {
		return false
	}
	l.tokens--
	return true
}

// TestPushBack lets WeChat answer -1 above 200 calls a second to three workers
// of an account that is configured for 1,000.
func TestPushBack(t *testing.T) {
	if *pushBackFor == 0 {
		t.Skip("takes minutes; make pace runs it. internal/pace has it on a clock of its own")
	}
	programs := newRun(t)
	programs.build()
	p := newPaced(t, programs.worker, 3, 10*time.Millisecond, 1000, 20, "RETRY_MAX_ATTEMPTS=50")
	p.watched.mu.Lock()
	p.watched.limit = &limit{rate: 200, few: 20}
	p.watched.mu.Unlock()
	p.keepFull(300, time.Minute) // it settles: at first it runs into an outage park or two
	begun := time.Now()
	p.keepFull(300, *pushBackFor)
	arrivals, refused := p.watched.seen()
	for ; time.Since(begun) >= time.Minute; begun = begun.Add(time.Minute) {
		calls, no := countIn(arrivals, begun, begun.Add(time.Minute)), countIn(refused, begun, begun.Add(time.Minute))
		average, share := float64(calls)/60, float64(no)/float64(calls)
		t.Logf("%.1f calls a second over a minute, %.2f %% refused", average, 100*share)
		if average < 150 || average > 220 || share >= 0.05 {
			t.Errorf("want 150 to 220 a second and less than 5 %% refused")
		}
	}
	p.fleet.stop()
}
