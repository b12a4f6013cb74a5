package chaos_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
	"wxdispatch/internal/tasks"
	"wxdispatch/internal/wechat/wechattest"
)

var (
	paceFor   = flag.Duration("pace.for", 4*time.Second, "how long the pace is watched in calm, and a little longer while all goes wrong")
	paceRate  = flag.Float64("pace.rate", 150, "the account's rate")
	paceBurst = flag.Int("pace.burst", 20, "the account's burst")
)

// watched is the stand-in with a watch: when each send came in.
type watched struct {
	*wechattest.Sim
	url   string
	limit *limit // nil: none

	mu       sync.Mutex
	arrivals []time.Time
	refused  []time.Time
	blind    time.Duration // the longest that this process did not run when it wanted to
	missed   time.Duration // all of that, where it was long enough for slots to lapse in a worker
}

// look notes how well the watch can see, until done closes: on a machine that
// is busy with other things calls come in together that were made apart.
func (w *watched) look(done <-chan struct{}) {
	const every, long = 2 * time.Millisecond, 50 * time.Millisecond
	for last := time.Now(); ; {
		select {
		case <-done:
			return
		case <-time.After(every):
		}
		now := time.Now()
		w.mu.Lock()
		gap := now.Sub(last) - every
		w.blind = max(w.blind, gap)
		if gap > long {
			w.missed += gap
		}
		w.mu.Unlock()
		last = now
	}
}

func startWatched(t *testing.T, latency time.Duration) *watched {
	t.Helper()
	w := &watched{Sim: wechattest.New(wechattest.Options{
		Apps:    []wechattest.App{{AppID: shopAppID, Secret: secret, Type: message.Official}},
		Latency: latency,
	})}
	server := httptest.NewServer(w)
	w.url = server.URL
	done := make(chan struct{})
	var looking sync.WaitGroup
	looking.Go(func() { w.look(done) })
	t.Cleanup(func() {
		close(done)
		looking.Wait()
		server.CloseClientConnections()
		server.Close()
	})
	return w
}

func (w *watched) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if r.URL.Path == message.Template.Path() && !w.note(time.Now()) {
		_ = json.NewEncoder(rw).Encode(map[string]any{"errcode": -1, "errmsg": "system error"})
		return
	}
	w.Sim.ServeHTTP(rw, r)
}

// note writes an arrival down; false when it is one too many.
func (w *watched) note(now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.arrivals = append(w.arrivals, now)
	if w.limit != nil && !w.limit.allow(now) {
		w.refused = append(w.refused, now)
		return false
	}
	return true
}

// countIn counts the arrivals of a time.
func countIn(all []time.Time, from, to time.Time) int {
	n := 0
	for _, at := range all {
		if !at.Before(from) && at.Before(to) {
			n++
		}
	}
	return n
}

func (w *watched) gaps() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.missed
}

// longest is the longest that this process did not run when it wanted to.
func (w *watched) longest() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.blind
}

func (w *watched) seen() (arrivals, refused []time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	arrivals, refused = slices.Clone(w.arrivals), slices.Clone(w.refused)
	slices.SortFunc(arrivals, time.Time.Compare)
	return arrivals, refused
}

// fullest is the most arrivals in any window of that length.
func fullest(arrivals []time.Time, window time.Duration) int {
	most, from := 0, 0
	for i, at := range arrivals {
		for at.Sub(arrivals[from]) > window {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}

// paced is a run of some workers on one account with a backlog.
type paced struct {
	*run
	watched *watched
	queued  atomic.Int64
}

func newPaced(t *testing.T, program string, n int, latency time.Duration, rate float64, burst int, more ...string) *paced {
	p := &paced{run: newRun(t), watched: startWatched(t, latency)}
	p.redis = redistest.Start(t, "--appendonly", "yes", "--appendfsync", "everysec")
	p.direct = redistest.Client(t, p.redis.Addr)
	p.worker = program
	vars := append([]string{
		"REDIS_ADDRS=" + p.redis.Addr, "WECHAT_BASE_URL=" + p.watched.url, "RETRY_MAX_DELAY=2s",
		"WORKER_SHUTDOWN_TIMEOUT=12s", "LOG_LEVEL=" + *logLevel,
		"ACCOUNTS_SHOP_TYPE=official", "ACCOUNTS_SHOP_APPID=" + shopAppID, "ACCOUNTS_SHOP_SECRET=" + secret,
		fmt.Sprint("ACCOUNTS_SHOP_RATE=", rate), fmt.Sprint("ACCOUNTS_SHOP_BURST=", burst),
	}, more...)
	p.fill(int(rate) * 3)
	p.fleet = startFleet(t, n, p.worker, p.dir, environ(vars...))
	ctx, cancel := p.within()
	defer cancel()
	if err := p.fleet.awaitWork(ctx); err != nil {
		t.Fatal(err)
	}
	return p
}

// fill puts messages into the queue.
func (p *paced) fill(n int) {
	p.t.Helper()
	queue, next := tasks.NewQueue(p.direct), make(chan int64)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for id := range next {
				m, err := message.Decode(fmt.Appendf(nil, `{"id":"m%d","account":"shop","kind":"template","body":{"touser":"o%d","template_id":"t","data":{"a":{"value":"x"}}}}`, id, id))
				if err == nil {
					_, err = queue.Put(context.Background(), m, time.Now())
				}
				if err != nil {
					p.t.Error(err)
				}
			}
		})
	}
	for range n {
		next <- p.queued.Add(1)
	}
	close(next)
	all.Wait()
}

// keepFull keeps the backlog at some seconds' worth for a time.
func (p *paced) keepFull(rate float64, d time.Duration) {
	p.t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); {
		left := int(p.direct.LLen(p.t.Context(), "asynq:{shop.template}:pending").Val())
		if most := int(3 * rate); left < most {
			p.fill(most - left)
		}
		sleep(p.t.Context(), 200*time.Millisecond)
	}
}

// TestPace watches the calls of 1, 3 and 8 workers: in calm at least 97 % of
// the rate, and never over it while workers join, leave, are killed and stand
// still, and Redis stands still, too.
func TestPace(t *testing.T) {
	programs := newRun(t)
	programs.build()
	for _, n := range []int{1, 3, 8} {
		t.Run(fmt.Sprint(n, " workers"), func(t *testing.T) {
			p := newPaced(t, programs.worker, n, 10*time.Millisecond, *paceRate, *paceBurst)
			p.keepFull(*paceRate, time.Second)
			begun, missed := time.Now(), p.watched.gaps()
			p.keepFull(*paceRate, *paceFor)
			ended := time.Now()
			missed = p.watched.gaps() - missed

			stirred := make(chan struct{})
			go func() { defer close(stirred); p.stir(n, *paceFor+2*time.Second) }()
			p.keepFull(*paceRate, *paceFor+3*time.Second)
			<-stirred
			p.fleet.stop()
			for _, words := range p.fleet.problems {
				t.Error(words)
			}
			p.judgePace(begun, ended, missed)
		})
	}
}

// stir lets things go wrong for a time, in a fixed order.
func (p *paced) stir(n int, d time.Duration) {
	ctx, cancel := context.WithTimeout(p.t.Context(), d)
	defer cancel()
	for turn := 0; ctx.Err() == nil; turn++ {
		berth := turn % n
		switch turn % 4 {
		case 0:
			p.fleet.strike(berth)
		case 1:
			p.redis.Stop()
			time.Sleep(3 * time.Second)
			p.redis.Continue()
		case 2:
			p.fleet.relieve(berth)
		case 3:
			_ = p.fleet.at(berth).cmd.Process.Signal(syscall.SIGSTOP)
			time.Sleep(3 * time.Second)
			_ = p.fleet.at(berth).cmd.Process.Signal(syscall.SIGCONT)
		}
		sleep(ctx, time.Second)
	}
}

// judgePace holds the calls to the promise. What the machine did not run for
// (missed, of the calm) neither counts for nor against the workers.
func (p *paced) judgePace(begun, ended time.Time, missed time.Duration) {
	p.t.Helper()
	arrivals, _ := p.watched.seen()
	got, want := countIn(arrivals, begun, ended), *paceRate*ended.Sub(begun).Seconds()
	words := fmt.Sprintf("%d calls, seen with gaps of %v at most; in calm %.1f %% of the rate", len(arrivals), p.watched.longest().Round(time.Millisecond), 100*float64(got)/want)
	if least := 0.97 * (want - *paceRate*missed.Seconds()); float64(got) < least-1 {
		p.t.Errorf("%d calls in %v of calm with a backlog (%v of it the machine stood still), want %.0f", got, ended.Sub(begun), missed, least)
	}
	for _, window := range []time.Duration{time.Second, 10 * time.Second, time.Minute} {
		most, allowed := fullest(arrivals, window), *paceRate*(window.Seconds()+0.1)+float64(*paceBurst)
		allowed += *paceRate * p.watched.longest().Seconds()
		words += fmt.Sprintf("; in %v at most %d, allowed %.0f", window, most, allowed)
		if float64(most) > allowed {
			p.t.Errorf("%d calls within %v, allowed are %.0f", most, window, allowed)
		}
	}
	p.t.Log(words)
}
