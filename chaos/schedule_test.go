package chaos_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// deed is one thing that is done to the run.
type deed string

const (
	kill    deed = "SIGKILL a worker"
	term    deed = "SIGTERM a worker"
	hang    deed = "stop a worker beyond its runs' time, continue it"
	freeze  deed = "stop and continue Redis"
	crash   deed = "kill -9 Redis, restart with AOF"
	cut     deed = "cut all connections to Redis"
	weather deed = "another share of faults"

	failover deed = "kill -9 the master, failover to its replica"
)

// deck is one round of deeds; rounds are shuffled, so that even a short run has
// every deed.
var deck = []deed{kill, kill, term, hang, freeze, crash, cut, weather}

// window is how long a run may hold a message, as internal/dispatch counts it.
const window = 2*callTimeout + 5*time.Second

// step is a deed, how long after the one before it begins, and its dice: a
// worker's berth, how long Redis is away, how bad the weather.
type step struct {
	deed     deed
	after    time.Duration
	berth    int
	away     time.Duration
	strength float64
}

// plan draws a schedule: the same dice, the same plan.
func plan(dice *rand.Rand, d time.Duration, workers int) []step {
	var steps []step
	for at := time.Duration(0); at < d; {
		round := slices.Clone(deck)
		dice.Shuffle(len(round), func(i, j int) { round[i], round[j] = round[j], round[i] })
		for _, what := range round {
			s := step{deed: what, after: between(dice, time.Second, 2500*time.Millisecond),
				berth: dice.IntN(workers), strength: 0.3 + 1.1*dice.Float64()}
			switch what {
			case hang:
				s.away = between(dice, window+time.Second, window+4*time.Second)
			case freeze:
				s.away = between(dice, time.Second, 4*time.Second)
			case crash:
				s.away = between(dice, 100*time.Millisecond, 1500*time.Millisecond)
			}
			steps = append(steps, s)
			at += s.after
			if what != hang { // which nobody waits for
				at += s.away
			}
		}
	}
	return steps
}

// lasts is how long the plan keeps things going wrong: for the time that was
// asked for, and at least for its first round.
func lasts(steps []step, d time.Duration) time.Duration {
	var round time.Duration
	for _, s := range steps[:len(deck)] {
		round += s.after
		if s.deed != hang {
			round += s.away
		}
	}
	return max(round, d)
}

func between(dice *rand.Rand, from, to time.Duration) time.Duration {
	return from + time.Duration(dice.Int64N(int64(to-from)))
}

// work carries the plan out, and tells each deed: the first round, and as much
// more as there is time for.
func (r *run) work(ctx context.Context, steps []step) {
	start := time.Now()
	for i, s := range steps {
		if !sleep(ctx, s.after) || i >= len(deck) && time.Since(start) > *howLong {
			return
		}
		r.done[s.deed]++
		r.tell("%6.1fs  %s", time.Since(r.begun).Seconds(), s)
		r.carryOut(ctx, s)
	}
}

func (s step) String() string {
	switch s.deed {
	case kill, term:
		return fmt.Sprintf("%s (berth %d)", s.deed, s.berth)
	case hang:
		return fmt.Sprintf("%s (berth %d, away %s)", s.deed, s.berth, s.away.Round(10*time.Millisecond))
	case freeze, crash:
		return fmt.Sprintf("%s (away %s)", s.deed, s.away.Round(10*time.Millisecond))
	case weather:
		return fmt.Sprintf("%s (about %.0f %%)", s.deed, 15*s.strength)
	}
	return string(s.deed)
}

func (r *run) carryOut(ctx context.Context, s step) {
	switch s.deed {
	case kill:
		r.fleet.strike(s.berth)
	case term:
		r.fleet.relieve(s.berth)
	case hang:
		r.fleet.hang(ctx, s.berth, s.away)
	case freeze:
		r.redis.Stop()
		sleep(ctx, s.away)
		r.redis.Continue()
	case crash:
		r.redis.Kill()
		sleep(ctx, s.away)
		r.redis.Restart(r.t)
	case cut:
		r.proxy.drop()
	case weather:
		r.stand.weather(s.strength)
	}
}
