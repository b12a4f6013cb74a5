package ledger

import (
	"context"
	"sync"
	"time"
)

// flightTime bounds one trip of many asks.
const flightTime = 3 * time.Second

// flightsAtOnce is how many trips of an account are under way at most: while one
// is on its way back the next one is gathered.
const flightsAtOnce = 2

// gathering is how asks of many callers become one trip: what comes while
// trips are under way goes with the next one, together. A caller alone waits
// for nobody, so nothing is slower for it; under load one run of a script
// decides about many messages.
type gathering struct {
	fly func(ctx context.Context, asks []ask) ([][]any, error)

	mu      sync.Mutex
	waiting map[string][]*passenger // by account
	flights map[string]int
}

// passenger is an ask on its way.
type passenger struct {
	ask    ask
	done   chan struct{}
	answer []any
	err    error
}

func newGathering(fly func(ctx context.Context, asks []ask) ([][]any, error)) *gathering {
	return &gathering{fly: fly, waiting: map[string][]*passenger{}, flights: map[string]int{}}
}

// run answers one ask. When ctx ends first, its error leaves open whether it ran.
func (g *gathering) run(ctx context.Context, a ask) ([]any, error) {
	p := &passenger{ask: a, done: make(chan struct{})}
	account := a.keys[0]
	g.mu.Lock()
	g.waiting[account] = append(g.waiting[account], p)
	start := g.flights[account] < flightsAtOnce
	if start {
		g.flights[account]++
	}
	g.mu.Unlock()
	if start {
		go g.flyAll(context.WithoutCancel(ctx), account)
	}
	select {
	case <-p.done:
		return p.answer, p.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// flyAll takes what waits, a trip after the other, until nothing does.
func (g *gathering) flyAll(ctx context.Context, account string) {
	for {
		list := g.board(account)
		if list == nil {
			return
		}
		g.trip(ctx, list)
	}
}

// board returns who flies next; nil: nobody, and the flight is over.
func (g *gathering) board(account string) []*passenger {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := g.waiting[account]
	delete(g.waiting, account)
	if len(list) == 0 {
		if g.flights[account]--; g.flights[account] == 0 {
			delete(g.flights, account)
		}
		return nil
	}
	if len(list) > mostTurns {
		g.waiting[account] = list[mostTurns:]
		list = list[:mostTurns]
	}
	return list
}

// trip answers all of a list, those of one script next to each other. Where
// Redis refuses the trip as a whole each is asked again by itself: what is wrong
// with one is nobody else's.
func (g *gathering) trip(ctx context.Context, list []*passenger) {
	list = byScript(list)
	asks := make([]ask, len(list))
	for i, p := range list {
		asks[i] = p.ask
	}
	ctx, cancel := context.WithTimeout(ctx, flightTime)
	defer cancel()
	answers, err := g.fly(ctx, asks)
	for i, p := range list {
		if err == nil {
			p.answer = answers[i]
		} else if p.err = err; len(list) > 1 && refusedByRedis(err) {
			p.answer, p.err = g.single(ctx, p.ask)
		}
		close(p.done)
	}
}

func (g *gathering) single(ctx context.Context, a ask) ([]any, error) {
	answers, err := g.fly(ctx, []ask{a})
	if err != nil {
		return nil, err
	}
	return answers[0], nil
}

// byScript puts the asks of one script next to each other, in the order in which
// the scripts came first.
func byScript(list []*passenger) []*passenger {
	sorted := make([]*passenger, 0, len(list))
	for i, first := range list {
		if first == nil {
			continue
		}
		for j := i; j < len(list); j++ {
			if p := list[j]; p != nil && p.ask.script == first.ask.script {
				sorted, list[j] = append(sorted, p), nil
			}
		}
	}
	return sorted
}
