package pace

import (
	"testing"
	"time"
)

// moments of a local clock that began with Redis's.
func ms(n float64) time.Time {
	return time.Unix(0, 0).Add(time.Duration(n * float64(time.Millisecond)))
}

func TestABlockIsAWindow(t *testing.T) {
	exact := &clock{}
	exact.learn(0, ms(0), ms(0))
	// 10 slots at 100, 110 … 190 ms, each usable for 20 ms more.
	g := grant{slots: 10, from: 90_000, to: 190_000, late: 20 * time.Millisecond}
	taken := func(b *block, now time.Time) int {
		n := 0
		for {
			moment, ok := b.next(now)
			if !ok {
				return n
			}
			if _, ok := b.take(moment, now); !ok {
				return n
			}
			n++
		}
	}
	for _, c := range []struct {
		name  string
		at    []float64 // all that is there is taken at these times
		taken []int
	}{
		{"nothing before the first moment", []float64{50, 99}, []int{0, 0}},
		{"each at its moment", []float64{100, 105, 110, 130, 190}, []int{1, 0, 1, 2, 6}},
		{"late ones lapse", []float64{180}, []int{7}}, // from 120 on: 20 ms late, and 40 to take them
		{"what is left after the window", []float64{245}, []int{1}},
		{"nothing after that", []float64{270}, []int{0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBlock(g, exact, ms(0))
			for i, at := range c.at {
				if got := taken(b, ms(at)); got != c.taken[i] {
					t.Errorf("at %v ms: %d slots, want %d", at, got, c.taken[i])
				}
			}
		})
	}
	t.Run("a slot's call must start in time", func(t *testing.T) {
		b := newBlock(g, exact, ms(0))
		moment, _ := b.next(ms(155)) // the first slot, 55 ms late
		good, ok := b.take(moment, ms(155))
		if want := ms(100 + 20 + 70); !ok || good.Sub(want).Abs() > time.Microsecond {
			t.Errorf("good until %v, want %v", good, want)
		}
	})
	t.Run("what was not used can go back", func(t *testing.T) {
		b := newBlock(g, exact, ms(0))
		taken(b, ms(120))
		if from, to := b.rest(ms(120)); from != 120_000 || to != 190_000 {
			t.Errorf("%d to %d go back, want 120000 to 190000", from, to)
		}
	})
	t.Run("an answer that took too long is worth nothing", func(t *testing.T) {
		var c clock
		c.learn(0, ms(0), ms(80))
		if b := newBlock(g, &c, ms(80)); b != nil {
			t.Error("its slots would be late by more than they may")
		}
	})
}

func TestTheClockIsNarrowedByEachAnswer(t *testing.T) {
	var c clock
	bounds := func(least, most float64) {
		t.Helper()
		at, earlier := c.local(1_000_000)
		if got := float64(at.Sub(ms(1000))) / 1e6; got != most {
			t.Errorf("Redis's second is at most %v ms ahead, want %v", got, most)
		}
		if got := float64(earlier) / 1e6; got != most-least {
			t.Errorf("not known by %v ms, want %v", got, most-least)
		}
	}
	c.learn(100_000, ms(100), ms(140)) // Redis's clock is 0 to 40 ms behind
	bounds(0, 40)
	c.learn(200_000, ms(190), ms(210)) // −10 to 10
	bounds(0, 10)
	c.learn(300_000, ms(290), ms(3300)) // Redis stood still
	bounds(0, 10)
	c.learn(9_000_000, ms(8970), ms(9005)) // the old ones are still believed a while
	bounds(0, 5)
	c.learn(20_000_000, ms(15_000), ms(15_002)) // somebody set Redis's clock
	bounds(-5000, -4998)
}
