package pace

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"wxdispatch/internal/fault"
)

// wechat answers -1 above so many calls a second.
type wechat struct {
	s      *stand
	rate   float64
	tokens float64
	last   time.Time
	calls  []time.Time
	bad    []time.Time
}

func (w *wechat) call() fault.Class {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	now := time.Now()
	w.tokens = min(20, w.tokens+w.rate*now.Sub(w.last).Seconds())
	w.last, w.calls = now, append(w.calls, now)
	if w.rate > 0 && w.tokens < 1 {
		w.bad = append(w.bad, now)
		return fault.Busy
	}
	w.tokens--
	return fault.OK
}

// callers call without end; each call takes 20 ms.
func (w *wechat) callers(ctx context.Context, p *Pacer, n int) {
	for range n {
		w.s.users.Go(func() {
			for {
				end, _, err := p.Slot(ctx, false)
				if err != nil {
					return
				}
				time.Sleep(20 * time.Millisecond)
				p.Answered(w.call())
				end()
			}
		})
	}
}

// since counts calls, and those refused.
func (w *wechat) since(from time.Time) (calls, bad float64) {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	count := func(all []time.Time) (n float64) {
		for _, at := range all {
			if !at.Before(from) {
				n++
			}
		}
		return n
	}
	return count(w.calls), count(w.bad)
}

func TestThePaceFindsWhatWeChatTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		w := &wechat{s: s, rate: 200, last: time.Now()}
		ctx, cancel := context.WithCancel(t.Context())
		var all []*Pacer
		for range 3 {
			p := s.pacer(1000, 20, 50)
			defer p.Close()
			all = append(all, p)
			w.callers(ctx, p, 50)
		}
		time.Sleep(15 * time.Second)
		minutes := 5
		if raced {
			minutes = 1
		}
		for range minutes {
			from := time.Now()
			time.Sleep(time.Minute)
			calls, bad := w.since(from)
			t.Logf("%.1f calls a second, %.2f %% refused", calls/60, 100*bad/calls)
			if calls < 150*60 || calls > 220*60 || bad >= 0.05*calls {
				t.Errorf("%.1f calls a second and %.2f %% refused, want 150 to 220 and less than 5 %%", calls/60, 100*bad/calls)
			}
		}
		for _, p := range all {
			if n := p.Places(); n < 100 || n > 150 {
				t.Errorf("%d may wait in a worker, want a third of what is let through in 2 s", n)
			}
		}

		s.mu.Lock()
		w.rate = 0 // quiet
		s.mu.Unlock()
		time.Sleep(recovery)
		from := time.Now()
		time.Sleep(10 * time.Second)
		cancel()
		s.users.Wait()
		if calls, _ := w.since(from); calls < 9700 {
			t.Errorf("%.1f calls a second after %v of quiet, want the configured 1000 again", calls/10, recovery)
		}
	})
}

func TestWhatIsABurstOfBadAnswers(t *testing.T) {
	const second = 1_000_000
	ask := func(calls, bad int) question {
		return question{worker: "w", limits: limits{100, 10, 1}, calls: calls, bad: bad}
	}
	for _, c := range []struct {
		name     string
		news     []int // calls, bad, a second apart
		from, to float64
	}{
		{"good answers", []int{100, 0, 100, 0}, 100, 100},
		{"one bad one is an accident", []int{10, 1}, 100, 100},
		{"few among many are WeChat's weather", []int{100, 4, 100, 4, 100, 4}, 100, 100},
		{"more are too many calls", []int{100, 5}, 80, 80},
		{"at most once a second", []int{100, 50, 100, 50}, 64, 65},
		{"slow accounts, too", []int{3, 1, 3, 1, 4, 1}, 80, 81},
		{"never to nothing", repeat(100, 100, 60), 1, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, got := &model{}, grant{}
			for i := 0; i < len(c.news); i += 2 {
				got = m.at(int64(1+i/2)*second, ask(c.news[i], c.news[i+1]))
			}
			if got.rates.Now < c.from || got.rates.Now > c.to {
				t.Errorf("the rate in force is %.2f, want %v to %v", got.rates.Now, c.from, c.to)
			}
		})
	}
}

func repeat(calls, bad, times int) (all []int) {
	for range times {
		all = append(all, calls, bad)
	}
	return all
}

func TestWorkersThatDisagreeAndAnOverride(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		fast, slow := s.pacer(100, 1, 50), s.pacer(10, 1, 50)
		defer fast.Close()
		ctx, cancel := context.WithCancel(t.Context())
		defer s.users.Wait()
		defer cancel()
		s.use(ctx, fast, 50, 0)
		perSecond := func(want float64) {
			t.Helper()
			time.Sleep(time.Second) // the change is there
			from := time.Since(s.begun)
			time.Sleep(10 * time.Second)
			s.mu.Lock()
			defer s.mu.Unlock()
			if got := float64(s.between(from, from+10*time.Second)) / 10; got < 0.97*want-0.1 || got > want+0.2 {
				t.Errorf("%.1f calls a second, want %.1f", got, want)
			}
		}
		perSecond(10) // the lowest holds
		set := func(rate float64) {
			s.line.mu.Lock()
			defer s.line.mu.Unlock()
			s.line.override = rate
		}
		set(50)
		perSecond(50)
		set(0.5)
		perSecond(0.5)
		set(0)
		perSecond(10)
		slow.Close() // its configuration counts no more
		perSecond(100)
		fast.SetLimits(200, 1, 50)
		perSecond(200)
	})
}
