package ledger

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/redistest"
)

// strict fails for the word bad and answers any other, of a script with turns.
var strict = decided(`return function()
  if ARGV[1] == 'bad' then error('bad') end
  put('s', ARGV[1])
  return { ARGV[1], rec.s }
end
`)

// decided is a decision of the test's own.
func decided(text string) decision { return decision{"test", assemble(deciding("test", text))} }

// keysOfOne are the keys of a message to o1.
func keysOfOne(account, id string) []string {
	return messageKeys(account, id, "o1", openIDIndex(account, "o1", time.Unix(0, 0)), "")
}

// TestWhatIsWrongWithOneIsNobodyElses: a script that fails for one message of a
// trip is run for each of the others.
func TestWhatIsWrongWithOneIsNobodyElses(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		l := New(client)
		book := func(i int) []string { return keysOfOne("shop", fmt.Sprint(i)) }
		var all sync.WaitGroup
		for i := range 300 {
			word := fmt.Sprintf("word-%d", i)
			if i%10 == 3 {
				word = "bad"
			}
			all.Go(func() {
				answer, err := l.run(t.Context(), "test", ask{decision: strict, account: "shop", keys: book(i), args: []any{word}})
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
			if got := client.HGet(t.Context(), book(i)[0], "s").Val(); i%10 != 3 && got != fmt.Sprintf("word-%d", i) {
				t.Errorf("%d: the record says %q", i, got)
			}
		}
	})
}

// TestOneRunDecidesAboutManyAsOneByOne: neighbours of a script and an account are
// one run of it, and each sees what those before it did.
func TestOneRunDecidesAboutManyAsOneByOne(t *testing.T) {
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		counting := decided(`return function()
  put('n', whole(tonumber(rec.n or '0') + ARGV[1]))
  return { rec.n }
end
`)
		of := func(account, id string, n int) ask {
			return ask{decision: counting, account: account, keys: keysOfOne(account, id), args: []any{n}}
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
