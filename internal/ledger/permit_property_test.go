package ledger_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
)

// TestPermitsFollowTheirModel plays random games of several messages and few
// permits. A failure prints its seed and the shortest game that still fails.
func TestPermitsFollowTheirModel(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if given, err := strconv.ParseUint(os.Getenv("WXDISPATCH_TEST_SEED"), 10, 64); err == nil {
		seed = given
	}
	t.Logf("seed %d (WXDISPATCH_TEST_SEED repeats it)", seed)
	t.Run("miniredis", func(t *testing.T) {
		clock := miniredis.RunT(t)
		permitSeries{t, redistest.Client(t, clock.Addr()), clock, seed}.play(permitGames(100), 1)
	})
	t.Run("redis-server", func(t *testing.T) {
		permitSeries{t, redistest.Client(t, redistest.Server(t)), nil, seed}.play(permitGames(400), 4)
	})
}

// permitGames is how many games are played: WXDISPATCH_TEST_GAMES times as many.
func permitGames(n int64) int64 {
	if times, err := strconv.ParseInt(os.Getenv("WXDISPATCH_TEST_GAMES"), 10, 64); err == nil {
		return n * times
	}
	n /= slower
	if testing.Short() {
		n /= 10
	}
	return n
}

type permitSeries struct {
	t      *testing.T
	client redis.UniversalClient
	clock  *miniredis.Miniredis
	seed   uint64
}

func (s permitSeries) play(games int64, players int) {
	var next, sends atomic.Int64
	var all sync.WaitGroup
	var mu sync.Mutex
	ends := map[message.State]int{}
	for range players {
		all.Go(func() {
			for n := next.Add(1) - 1; n < games && !s.t.Failed(); n = next.Add(1) - 1 {
				g := s.one(n)
				mu.Lock()
				for _, m := range g.models {
					ends[m.state]++
				}
				mu.Unlock()
				for _, w := range g.wechat.papers {
					sends.Add(int64(w.counted))
				}
				for _, w := range g.wechat.consents {
					sends.Add(int64(w.counted))
				}
			}
		})
	}
	all.Wait()
	s.t.Logf("%d games; WeChat counted %d sends; messages: %v", games, sends.Load(), ends)
}

// one plays a game.
func (s permitSeries) one(n int64) *permitGame {
	const length = 60
	paces := randomPermitPaces(rand.New(rand.NewPCG(s.seed, uint64(n))), length)
	fresh := 0
	play := func(some []permitPace) (*permitGame, int, error) {
		fresh++
		g := newPermitGame(s.client, s.clock, fmt.Sprintf("p%d-%d", n, fresh), n%4 > 0)
		for i, p := range some {
			if err := g.step(p); err != nil {
				return g, i + 1, err
			}
		}
		return g, len(some), nil
	}
	g, played, err := play(paces)
	if err != nil {
		paces, err = shrinkPermits(paces[:played], func(some []permitPace) error { _, _, err := play(some); return err })
		var b strings.Builder
		for i, p := range paces {
			fmt.Fprintf(&b, "%3d  %v\n", i+1, p)
		}
		s.t.Errorf("seed %d, game %d (enforce: %v): %v\nafter\n%s", s.seed, n, n%4 > 0, err, b.String())
	}
	return g
}

// shrinkPermits leaves out what a failure does not need, and the repetitions.
func shrinkPermits(paces []permitPace, fails func([]permitPace) error) ([]permitPace, error) {
	err := fails(paces)
	for smaller := true; smaller; {
		smaller = false
		for i := len(paces) - 1; i >= 0; i-- {
			fewer := slices.Delete(slices.Clone(paces), i, i+1)
			if still := fails(fewer); still != nil {
				paces, err, smaller = fewer, still, true
				continue
			}
			if once := slices.Clone(paces); once[i].twice {
				once[i].twice = false
				if still := fails(once); still != nil {
					paces, err, smaller = once, still, true
				}
			}
		}
	}
	return paces, err
}
