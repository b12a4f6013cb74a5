package pace

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"wxdispatch/internal/fault"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stand is an account with some workers, on a line of the model's.
type stand struct {
	t     *testing.T
	line  *model
	users sync.WaitGroup

	mu     sync.Mutex
	frozen time.Time // Redis answers nothing before
	dice   *rand.Rand
	starts []time.Time
	begun  time.Time
}

func newStand(t *testing.T) *stand {
	s := &stand{t: t, line: &model{}, dice: rand.New(rand.NewPCG(1, 2)), begun: time.Now()}
	s.line.delay = func() { time.Sleep(s.trip()) }
	return s
}

// trip is how long half a trip to Redis takes.
func (s *stand) trip() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(time.Until(s.frozen), 0) + time.Duration(s.dice.Int64N(int64(time.Millisecond)))
}

func (s *stand) freeze(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frozen = time.Now().Add(d)
}

func (s *stand) chance(n int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dice.IntN(n)
}

func (s *stand) pacer(rate float64, burst, concurrency int) *Pacer {
	p := newPacer(Options{Account: "shop", Rate: rate, Burst: burst, Concurrency: concurrency, Log: slog.New(slog.DiscardHandler)}, s.line)
	p.Start()
	return p
}

// use lets so many callers of a worker call again and again until ctx ends. One
// in so many slots is held for 5 s before its call: a token fetch, a Redis that
// stands still.
func (s *stand) use(ctx context.Context, p *Pacer, callers, late int) {
	for i := range callers {
		s.users.Go(func() {
			for {
				if late > 0 && phase(time.Now()) == idle {
					time.Sleep(time.Millisecond * time.Duration(1+s.chance(100)))
					if ctx.Err() == nil {
						continue
					}
				}
				end, good, err := p.Slot(ctx, i%3 == 0)
				if err != nil {
					return
				}
				wait := time.Duration(s.chance(1500)) * time.Microsecond
				switch {
				case late > 0 && s.chance(late) == 0:
					wait = 5 * time.Second
				case late > 0 && phase(time.Now()) == tardy:
					wait = time.Until(good)
				}
				time.Sleep(wait)
				s.call(good)
				time.Sleep(time.Duration(s.chance(8)) * time.Millisecond)
				end()
			}
		})
	}
}

// What callers do by turns: call at once, at the last moment, or not at all, so
// that late calls, prompt ones and what was saved up meet.
const (
	prompt = iota
	tardy
	idle
)

func phase(now time.Time) int {
	return []int{tardy, prompt, idle, prompt}[now.UnixMilli()/450%4]
}

// call starts a call, if it may still.
func (s *stand) call(good time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); !now.After(good) {
		s.starts = append(s.starts, now)
	}
}

// within holds the calls to the promise, over every window there is.
func (s *stand) within(rate float64, burst int) {
	s.t.Helper()
	slices.SortFunc(s.starts, time.Time.Compare)
	least, most, at := 0.0, 0.0, 0
	for i, start := range s.starts {
		ahead := float64(i) - rate*start.Sub(s.begun).Seconds()
		if i == 0 || ahead < least {
			least = ahead
		}
		if over := ahead - least + 1; over > most {
			most, at = over, i
		}
	}
	if allowed := rate*0.1 + float64(burst); most > allowed+1e-6 {
		s.t.Fatalf("a window that ends at %v has %.2f calls more than rate × w, allowed are %.2f", s.starts[at].Sub(s.begun), most, allowed)
	}
}

func (s *stand) between(from, to time.Duration) int {
	n := 0
	for _, start := range s.starts {
		if at := start.Sub(s.begun); at >= from && at < to {
			n++
		}
	}
	return n
}

func TestTheRateIsHeldAndUsedWhateverTheNumberOfWorkers(t *testing.T) {
	for _, c := range []struct {
		rate    float64
		burst   int
		callers int
	}{{0.2, 1, 2}, {0.2, 20, 2}, {3, 1, 4}, {10, 20, 10}, {100, 1, 20}, {100, 20, 50}, {1000, 20, 50}, {5000, 1, 80}} {
		for _, workers := range []int{1, 3, 8} {
			if raced && (c.rate > 500 || workers == 3) {
				continue
			}
			t.Run(fmt.Sprint(c.rate, " burst ", c.burst, " workers ", workers), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newStand(t)
					ctx, cancel := context.WithCancel(t.Context())
					minutes := 1
					if c.rate < 5 {
						minutes = 20
					}
					for range workers {
						p := s.pacer(c.rate, c.burst, 100)
						defer p.Close()
						s.use(ctx, p, c.callers, 0)
					}
					length := time.Duration(minutes) * time.Minute
					if c.rate > 500 {
						length = 15 * time.Second
					}
					time.Sleep(10*time.Second + length)
					cancel()
					s.users.Wait()
					s.within(c.rate, c.burst)
					want := c.rate * length.Seconds()
					s.mu.Lock()
					defer s.mu.Unlock()
					got := s.between(10*time.Second, 10*time.Second+length)
					if float64(got) < 0.97*want-1 {
						t.Errorf("%d calls in %v, want 97 %% of %v", got, length, want)
					}
					t.Logf("%.1f %% of the rate, %.3f trips a call", 100*float64(got)/want, float64(s.line.made())/float64(len(s.starts)))
				})
			})
		}
	}
}

func TestTheRateIsHeldThroughAllThatGoesWrong(t *testing.T) {
	for _, c := range []struct {
		rate  float64
		burst int
	}{{0.5, 3}, {20, 1}, {100, 20}, {2000, 1}, {5000, 50}} {
		if raced && c.rate > 100 {
			continue
		}
		t.Run(fmt.Sprint(c.rate, " burst ", c.burst), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStand(t)
				all, cancel := context.WithCancel(t.Context())
				type one struct {
					p    *Pacer
					gone context.CancelFunc
				}
				var workers, killed []one
				for range 100 { // every second and a half something happens
					switch s.chance(6) {
					case 0, 1:
						if len(workers) < 8 {
							ctx, gone := context.WithCancel(all)
							w := one{s.pacer(c.rate, c.burst, 60), gone}
							workers = append(workers, w)
							s.use(ctx, w.p, 30, 200)
						}
					case 2: // killed: what it leased lapses
						if len(workers) > 1 {
							workers[0].gone()
							killed, workers = append(killed, workers[0]), workers[1:]
						}
					case 3: // it ends: what it leased goes back
						if len(workers) > 1 {
							workers[0].gone()
							workers[0].p.Close()
							workers = workers[1:]
						}
					case 4:
						s.freeze(3 * time.Second)
					}
					time.Sleep(1500 * time.Millisecond)
				}
				cancel()
				for _, w := range append(workers, killed...) {
					w.gone()
					w.p.Close()
				}
				s.users.Wait()
				s.within(c.rate, c.burst)
				if len(s.starts) == 0 {
					t.Fatal("nothing was called at all")
				}
			})
		})
	}
}

func TestWithoutRedisNoSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		s.freeze(time.Minute) // before the pacer starts, which asks by itself
		p := s.pacer(100, 20, 10)
		defer p.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		if _, _, err := p.Slot(ctx, false); !fault.Is(err, fault.Unavailable) {
			t.Fatalf("got %v, want class unavailable when the wait ends", err)
		}
		if s.line.made() != 0 {
			t.Fatal("the line was asked though Redis stood still")
		}
		time.Sleep(time.Minute)
		end, _, err := p.Slot(t.Context(), false)
		if err != nil {
			t.Fatalf("Redis is back: %v", err)
		}
		end()
	})
}

func TestNoMoreCallsAtOnceThanConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t)
		p := s.pacer(5000, 1000, 3)
		defer p.Close()
		now, most := 0, 0
		var mu sync.Mutex
		call := func(d int) {
			mu.Lock()
			defer mu.Unlock()
			now += d
			most = max(most, now)
		}
		calls := func(want int) {
			most = 0
			for i := range 40 {
				s.users.Go(func() {
					end, _, err := p.Slot(t.Context(), i%2 == 0)
					if err != nil {
						t.Error(err)
						return
					}
					call(1)
					time.Sleep(time.Second)
					call(-1)
					end()
				})
			}
			s.users.Wait()
			if most != want {
				t.Errorf("%d calls at once, want %d", most, want)
			}
		}
		calls(3)
		p.SetLimits(5000, 1000, 7)
		calls(7)
		p.SetLimits(5000, 1000, 2)
		calls(2)
	})
}
