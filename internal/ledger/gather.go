package ledger

import (
	"context"
	"sync"
	"time"
)

const (
	// flightTime bounds one trip of many asks.
	flightTime = 3 * time.Second
	// flightsAtOnce is how many trips of an account are under way at most.
	flightsAtOnce = 2
	// linger is how long a trip waits for others to come along, while so many
	// come that some will: crowd in a window.
	linger = 4 * time.Millisecond
	window = 50 * time.Millisecond
	crowd  = 15 // 300 a second: one more within linger
)

// gathering is how asks of many callers become one trip: what comes while
// trips are under way goes with the next one, together. A caller alone waits
// for nobody; once hundreds a second ask, each waits up to linger, and one run
// of a script decides about many messages.
type gathering struct {
	fly func(ctx context.Context, asks []ask) ([][]any, error)

	mu   sync.Mutex
	desk map[string]*departure // by account
}

// departure is where an account's asks wait for their trip.
type departure struct {
	waiting  []*passenger
	boarding bool // somebody gathers the next trip
	flights  int  // trips under way
	since    time.Time
	came     int // since then
	before   int // in the window before
}

// passenger is an ask on its way.
type passenger struct {
	ask    ask
	done   chan struct{}
	answer []any
	err    error
}

func newGathering(fly func(ctx context.Context, asks []ask) ([][]any, error)) *gathering {
	return &gathering{fly: fly, desk: map[string]*departure{}}
}

// run answers one ask. When ctx ends first, its error leaves open whether it ran.
func (g *gathering) run(ctx context.Context, a ask) ([]any, error) {
	p := &passenger{ask: a, done: make(chan struct{})}
	if g.enter(a.keys[0], p) {
		go g.flyAll(context.WithoutCancel(ctx), a.keys[0])
	}
	select {
	case <-p.done:
		return p.answer, p.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// enter puts an ask with those that wait, and tells whether the caller must
// start their trip.
func (g *gathering) enter(account string, p *passenger) (start bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	d := g.desk[account]
	if d == nil {
		d = &departure{}
		g.desk[account] = d
	}
	d.count(time.Now())
	d.waiting = append(d.waiting, p)
	return d.open()
}

// count keeps how many came lately.
func (d *departure) count(now time.Time) {
	if passed := now.Sub(d.since); passed >= window {
		d.before, d.came, d.since = d.came, 0, now
		if passed >= 2*window {
			d.before = 0
		}
	}
	d.came++
}

// crowded tells whether more are likely to come within linger.
func (d *departure) crowded() bool { return max(d.before, d.came) >= crowd }

// open makes the caller the one who gathers, if nobody does and a trip is free.
func (d *departure) open() bool {
	if d.boarding || d.flights == flightsAtOnce || len(d.waiting) == 0 {
		return false
	}
	d.boarding = true
	return true
}

// flyAll makes trips until nobody waits, or somebody else gathers.
func (g *gathering) flyAll(ctx context.Context, account string) {
	for more := true; more; more = g.land(account) {
		if g.crowded(account) {
			time.Sleep(linger)
		}
		g.trip(ctx, g.board(account))
	}
}

func (g *gathering) crowded(account string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	d := g.desk[account]
	return len(d.waiting) < mostTurns && d.crowded()
}

// board takes off who flies now.
func (g *gathering) board(account string) []*passenger {
	g.mu.Lock()
	defer g.mu.Unlock()
	d := g.desk[account]
	list := d.waiting
	d.waiting = nil
	if len(list) > mostTurns {
		d.waiting = list[mostTurns:]
		list = list[:mostTurns:mostTurns]
	}
	d.boarding = false
	d.flights++
	return list
}

// land ends a trip, and tells whether the same hands make the next one.
func (g *gathering) land(account string) (more bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	d := g.desk[account]
	d.flights--
	return d.open()
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
