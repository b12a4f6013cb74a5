package token_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wxdispatch/internal/redistest"
	"wxdispatch/internal/secrettest"
	"wxdispatch/internal/token"
	"wxdispatch/internal/wechat/wechattest"
)

// scene is a private redis-server, a stand-in WeChat whose clock can be moved
// on, and processes between them.
type scene struct {
	*testing.T
	redis *redistest.Process
	sim   *wechattest.Server
	ahead atomic.Int64 // WeChat's clock before ours
}

func newScene(t *testing.T, ttl time.Duration) *scene {
	s := &scene{T: t, redis: redistest.Start(t)}
	sim, err := wechattest.Start(wechattest.Options{
		Apps: []wechattest.App{{AppID: "wx1", Secret: "hush"}}, TokenTTL: ttl,
		Now: func() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	s.sim = sim
	return s
}

// processes starts n of them with so many workers each.
func (s *scene) processes(n, workers int, mode string, skews ...time.Duration) []*child {
	var list []*child
	for i := range n {
		o := order{Name: fmt.Sprint(i), Redis: s.redis.Addr, WeChat: s.sim.URL, Mode: mode, Workers: workers}
		if i < len(skews) {
			o.Skew = skews[i]
		}
		list = append(list, startChild(s.T, o))
	}
	return list
}

func (s *scene) fetched(want wechattest.TokenStats) {
	s.Helper()
	if got := s.sim.Stats().Tokens; got != want {
		s.Errorf("WeChat gave tokens %+v, want %+v", got, want)
	}
}

func (s *scene) rang(want int64) {
	s.Helper()
	if stats := s.sim.Stats(); stats.Deliveries != want || stats.Doubled != 0 {
		s.Errorf("%d messages rang, %d of them twice or more; want %d once", stats.Deliveries, stats.Doubled, want)
	}
}

func TestAThousandWorkersInTenProcessesCauseOneFetch(t *testing.T) {
	s := newScene(t, 0)
	workers := s.processes(10, 100, "stable")
	if r := all(workers, "get"); r.Good != 1000 || len(r.Tokens) != 1 {
		t.Fatalf("the first token: %s", r)
	}
	s.fetched(wechattest.TokenStats{Stable: 1})
	s.sim.RevokeTokens("wx1")
	if r := all(workers, "send"); r.Good != 1000 || len(r.Tokens) != 1 {
		t.Fatalf("all met 40001 at once: %s", r)
	}
	if n := s.sim.Stats().Count("template", "40001"); n != 1000 {
		t.Errorf("%d met 40001, want all 1000", n)
	}
	s.fetched(wechattest.TokenStats{Stable: 2})
	s.rang(1000)
	secrettest.HiddenInRedis(t, redistest.Client(t, s.redis.Addr), "hush")
}

func TestAnOwnerThatIsKilledInMidRefreshLeavesItToTheOthers(t *testing.T) {
	s := newScene(t, 0)
	silent := s.sim.Inject(wechattest.Fault{Kind: wechattest.Tokens, Mode: wechattest.ModeSilent, Times: 1})
	two := s.processes(2, 1, "stable")
	owner, other := two[0], two[1]
	owner.tell("get")
	come(t, "the owner's call", func() bool { return s.sim.FaultHits(silent) == 1 })
	other.tell("get")
	owner.kill()
	if r := other.report(); r.Good != 1 {
		t.Fatalf("the other process: %s", r)
	}
	s.fetched(wechattest.TokenStats{Stable: 1})
}

func TestWithoutRedisAProcessGoesOnUntilItsCopyEnds(t *testing.T) {
	s := newScene(t, 3*time.Second)
	worker := s.processes(1, 10, "classic")[0]
	if r := worker.does("get"); r.Good != 10 {
		t.Fatalf("the first token: %s", r)
	}
	s.redis.Kill()
	before := s.sim.Stats().Tokens
	if r := worker.does("send"); r.Good != 10 {
		t.Fatalf("Redis is away, the copy is good: %s", r)
	}
	come(t, "the copy's end", func() bool { return worker.does("get").Bad["unavailable"] == 10 })
	s.fetched(before) // nothing was fetched behind Redis's back
	if n := s.sim.Stats().Count("template", "42001"); n != 0 {
		t.Errorf("%d sends with a token that had ended", n)
	}
	s.redis.Restart(t)
	come(t, "a new token", func() bool { return worker.does("get").Good == 10 })
	if r := worker.does("send"); r.Good != 10 {
		t.Fatalf("Redis is back: %s", r)
	}
}

func TestClocksAMinuteApartShareOneToken(t *testing.T) {
	s := newScene(t, 4*time.Second)
	workers := s.processes(3, 5, "classic", time.Minute, -time.Minute, 0)
	rounds, begun := 0, time.Now()
	for time.Since(begun) < 5*time.Second { // more than one life
		if r := all(workers, "get"); r.Good != 15 {
			t.Fatalf("round %d: %s", rounds, r)
		}
		if r := all(workers, "send"); r.Good != 15 {
			t.Fatalf("round %d: %s", rounds, r)
		}
		rounds++
	}
	stats := s.sim.Stats()
	if n := stats.Count("template", "40001") + stats.Count("template", "42001"); n != 0 {
		t.Errorf("%d sends with a token that was not good", n)
	}
	// One is due each two seconds; three clocks that do not agree would fetch
	// at each get.
	if most := 2 + int(time.Since(begun)/(2*time.Second)); stats.Tokens.Classic > most {
		t.Errorf("%d fetches by three processes in %v, want %d at most", stats.Tokens.Classic, time.Since(begun), most)
	}
	s.rang(int64(rounds * 15))
}

// stable_token gives the same token until its very end, so that a renewal ahead
// brings nothing new; nobody must be without one for more than a moment.
func TestAStableTokenOfAShortLifeIsRenewedInTime(t *testing.T) {
	s := newScene(t, 3*time.Second)
	workers := s.processes(2, 5, "stable")
	for begun := time.Now(); time.Since(begun) < 7*time.Second; { // more than two lives
		if r := all(workers, "get"); r.Good != 10 {
			come(t, "the next token", func() bool { return all(workers, "get").Good == 10 })
		}
		if r := all(workers, "send"); r.Good != 10 {
			t.Fatalf("a token that is not good: %s", r)
		}
	}
	if n := s.sim.Stats().Tokens; n.Forced != 0 || n.Stable > 40 {
		t.Errorf("%d fetches, %d forced", n.Stable, n.Forced)
	}
}

// Whoever else fetches with /cgi-bin/token ends our token five minutes later.
func TestAnotherProgramThatFetchesEndsNoMessage(t *testing.T) {
	s := newScene(t, 0)
	workers := s.processes(3, 50, "classic")
	all(workers, "get")
	stop, done := make(chan struct{}), make(chan error, 1)
	go func() {
		answer, err := http.Get(s.sim.URL + "/cgi-bin/token?grant_type=client_credential&appid=wx1&secret=hush")
		if err == nil {
			_, err = io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
		}
		http.DefaultClient.CloseIdleConnections()
		s.ahead.Store(int64(5*time.Minute + time.Second))
		close(stop)
		done <- err
	}()
	rounds := 0
	for after := 0; after < 3; rounds++ { // some of them after that
		if r := all(workers, "send"); r.Good != 150 {
			t.Fatalf("round %d: %s", rounds, r)
		}
		select {
		case <-stop:
			after++
		default:
		}
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if s.sim.Stats().Count("template", "40001") == 0 {
		t.Error("nobody met 40001: the test shows nothing")
	}
	s.fetched(wechattest.TokenStats{Classic: 3}) // ours, the other program's, ours again
	s.rang(int64(rounds * 150))
}

func TestAStandingTellsHowTheTokenStands(t *testing.T) {
	s := newScene(t, 0)
	client := redistest.Client(t, s.redis.Addr)
	if standing, err := token.Read(t.Context(), client, "shop"); err != nil || standing.Present || standing.Mode != "" || standing.Trouble != nil {
		t.Fatalf("nobody asked yet: %+v, %v", standing, err)
	}
	s.sim.Inject(wechattest.Fault{Kind: wechattest.Tokens, Code: 40164, Times: 1,
		Message: "invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist"})
	worker := s.processes(1, 1, "stable")[0]
	if r := worker.does("get"); r.Bad["account"] != 1 {
		t.Fatalf("the address is not on the whitelist: %s", r)
	}
	standing, err := token.Read(t.Context(), client, "shop")
	if err != nil || standing.Present || standing.Trouble == nil || standing.Trouble.Code != 40164 || standing.Trouble.Failures != 1 {
		t.Fatalf("%+v, %v", standing, err)
	}
	if words := standing.Trouble.Message; !strings.Contains(words, "203.0.113.9") || !strings.Contains(words, "whitelist") {
		t.Errorf("it does not say which address: %s", words)
	}
	if rest := standing.Trouble.RetryAfter; rest <= 50*time.Second || rest > time.Minute {
		t.Errorf("the next try is in %v", rest)
	}
}
