package ledger_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/redistest"
)

// interleavings are all orders of two lists that keep the order within each.
func interleavings(a, b []pace) [][]pace {
	if len(a) == 0 || len(b) == 0 {
		return [][]pace{append(append([]pace{}, a...), b...)}
	}
	var all [][]pace
	for _, rest := range interleavings(a[1:], b) {
		all = append(all, append([]pace{a[0]}, rest...))
	}
	for _, rest := range interleavings(a, b[1:]) {
		all = append(all, append([]pace{b[0]}, rest...))
	}
	return all
}

// way is one run's go at a message: it asks, makes its call, and says what
// came of it twice, as after an answer that it did not hear.
func way(run string, window, resend time.Duration, said word) []pace {
	ask := message.Attempt{Window: window, Resend: resend, MaxAttempts: 5}
	settle := pace{what: "settle", run: run, word: said}
	return []pace{{what: "begin", run: run, ask: ask}, settle, settle}
}

// said are the words of two runs: one of each sort.
func said() (some []word) {
	for _, w := range words {
		switch w.name {
		case "ok", "refused", "busy", "unanswered, again", "unanswered", "duplicate", "given back":
			some = append(some, w)
		}
	}
	return some
}

// TestTwoRunsInEveryOrder lets two runs meet at every point, with the first
// one's window passed or not, with resending harmless or not.
func TestTwoRunsInEveryOrder(t *testing.T) {
	windows := []time.Duration{0, time.Hour}
	redistest.Each(t, func(t *testing.T, client redis.UniversalClient) {
		games, slow := 0, t.Name() == "TestTwoRunsInEveryOrder/miniredis" || testing.Short()
		for i, first := range said() {
			for j, second := range said() {
				for _, window := range windows {
					for _, resend := range []time.Duration{message.Never, message.Always} {
						if slow && (i+j)%7 != 0 {
							continue
						}
						for _, paces := range interleavings(way("r1", window, resend, first), way("r2", time.Hour, resend, second)) {
							games++
							if err := meet(client, fmt.Sprint("b", games), paces, resend); err != nil {
								t.Fatalf("%v\nafter\n%s", err, lines(paces))
							}
						}
					}
				}
			}
		}
		t.Logf("%d games of two runs", games)
	})
}

// meet plays a game of two runs. Besides what every game checks: where
// resending is harmful, nobody is told to send while an earlier call of this
// life may have arrived; and at the end the message can still go on or is
// final.
func meet(client redis.UniversalClient, account string, paces []pace, resend time.Duration) error {
	g, unknown := newGame(client, nil, account, 0), map[string]bool{}
	for _, p := range paces {
		sent := g.before.fields["r"]
		if err := g.step(p); err != nil {
			return err
		}
		now := g.before.fields["r"]
		switch {
		case p.what == "begin" && g.before.state() == message.Sending && now == p.run && sent != now:
			if resend == message.Never && len(unknown) > 0 {
				return fmt.Errorf("%s is told to send, and of %v nobody knows", p.run, unknown)
			}
			unknown[p.run] = true
		case p.what == "settle" && p.word.class != fault.Unanswered:
			delete(unknown, p.run)
		}
	}
	if state := g.before.state(); state != "" && !state.Final() && !g.before.sending && !g.before.waiting {
		return fmt.Errorf("the message is %s and in no index: nobody will find it", state)
	}
	return nil
}
