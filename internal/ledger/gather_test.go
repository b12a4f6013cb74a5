package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/redistest"
)

// tower counts the trips that a gathering makes.
type tower struct {
	mu    sync.Mutex
	trips [][]ask
	takes time.Duration
	err   error
}

func (w *tower) fly(ctx context.Context, asks []ask) ([][]any, error) {
	w.mu.Lock()
	w.trips = append(w.trips, asks)
	w.mu.Unlock()
	select {
	case <-time.After(w.takes):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	answers := make([][]any, len(asks))
	for i, a := range asks {
		answers[i] = a.args
	}
	return answers, w.err
}

func askOf(account, id string) ask {
	return ask{script: beginScript, keys: []string{account}, args: []any{id}}
}

// TestWhatIsAskedAtOnceGoesTogether: nobody waits who is alone, and what comes
// while trips are under way shares the next ones; each is answered as itself.
func TestWhatIsAskedAtOnceGoesTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &tower{takes: time.Millisecond}
		g := newGathering(w.fly)
		start := time.Now()
		if _, err := g.run(t.Context(), askOf("shop", "first")); err != nil || time.Since(start) != w.takes {
			t.Fatalf("one alone took %s, %v", time.Since(start), err)
		}
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				id := fmt.Sprint(i)
				if answer, err := g.run(t.Context(), askOf("shop", id)); err != nil || answer[0] != id {
					t.Errorf("%s is answered %v, %v", id, answer, err)
				}
			})
		}
		all.Wait()
		if trips := len(w.trips) - 1; trips > flightsAtOnce+2 {
			t.Errorf("100 at once took %d trips", trips)
		}
		for _, trip := range w.trips {
			if len(trip) > mostTurns {
				t.Errorf("%d in one trip", len(trip))
			}
		}
		synctest.Wait()
		if d := g.desk["shop"]; d.boarding || d.flights+len(d.waiting) != 0 {
			t.Errorf("left behind: %+v", d)
		}
	})
}

func TestOneAccountDoesNotWaitForAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &tower{takes: time.Second}
		g := newGathering(w.fly)
		for range 2 * mostTurns {
			go func() { _, _ = g.run(t.Context(), askOf("shop", "x")) }()
		}
		synctest.Wait()
		start := time.Now()
		if _, err := g.run(t.Context(), askOf("mini", "y")); err != nil || time.Since(start) != w.takes {
			t.Errorf("mini waited %s behind shop, %v", time.Since(start), err)
		}
		time.Sleep(5 * w.takes) // the fake clock's: shop's trips end
	})
}

func TestWhoseContextEndsDoesNotWaitForTheTrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &tower{takes: time.Hour}
		g := newGathering(w.fly)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := g.run(ctx, askOf("shop", "x")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		time.Sleep(2 * flightTime) // the fake clock's: the trip ends by itself
	})
}

// strict fails for the word bad and answers any other, of a script with turns.
var strict = script(`
if ARGV[1] == 'bad' then error('bad') end
set({ s = ARGV[1] })
return { ARGV[1], rec.s }`)

// TestWhatIsWrongWithOneIsNobodyElses: a script that fails for one message of a
// trip is run for each of the others.
func TestWhatIsWrongWithOneIsNobodyElses(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		l := New(client)
		var all sync.WaitGroup
		for i := range 300 {
			word := fmt.Sprintf("word-%d", i)
			if i%10 == 3 {
				word = "bad"
			}
			all.Go(func() {
				answer, err := l.run(t.Context(), "test", strict, bookKeys("shop", fmt.Sprint(i), "o1", "i", "", ""), word)
				switch {
				case word == "bad" && (!fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "bad")):
					t.Errorf("bad: %v, %v", answer, err)
				case word != "bad" && (err != nil || answer[0] != word || answer[1] != word):
					t.Errorf("%s: %v, %v", word, answer, err)
				}
			})
		}
		all.Wait()
		for i := range 300 {
			if got := client.HGet(t.Context(), bookKeys("shop", fmt.Sprint(i), "o1", "i", "", "")[shared], "s").Val(); i%10 != 3 && got != fmt.Sprintf("word-%d", i) {
				t.Errorf("%d: the record says %q", i, got)
			}
		}
	})
}

// TestOneRunDecidesAboutManyAsOneByOne: neighbours of a script and an account are
// one run of it, and each sees what those before it did.
func TestOneRunDecidesAboutManyAsOneByOne(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		counting := script(`set({ n = tonumber(rec.n or '0') + ARGV[1] }) return { rec.n }`)
		of := func(account, id string, n int) ask {
			return ask{script: counting, keys: bookKeys(account, id, "o1", "i", "", ""), args: []any{n}}
		}
		asks := []ask{of("shop", "a", 1), of("shop", "a", 1), of("shop", "b", 5), of("mini", "a", 7), of("shop", "a", 1)}
		if calls := callsOf(asks); len(calls) != 3 {
			t.Errorf("%d runs, want 3", len(calls))
		}
		answers, err := New(client).runMany(t.Context(), "test", asks)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(answers); got != "[[1] [2] [5] [7] [3]]" {
			t.Errorf("got %s", got)
		}
	})
}
