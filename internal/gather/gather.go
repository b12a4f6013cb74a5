// Package gather makes one trip of what many callers ask at the same time: a
// caller alone waits for nobody, and the more come, the fewer trips each of them
// costs. It promises each caller the answer to its own ask, or the end of its own
// context. What a trip is, and where it goes, is its owner's.
package gather

import (
	"context"
	"sync"
	"time"
)

const (
	// atOnce is how many trips of a desk are under way at most.
	atOnce = 2
	// linger is how long a trip waits for others to come along, while so many
	// come that some will: crowd in a window.
	linger = 2 * time.Millisecond
	window = 50 * time.Millisecond
	crowd  = 15 // 300 a second: about one more within linger
)

// Gathering is how asks of many callers become one trip: what comes while trips
// are under way goes with the next one, together. A caller alone waits for
// nobody; once hundreds a second ask, each waits up to 2 ms for others. It is
// safe for concurrent use, and what it starts ends with its last trip.
type Gathering[A, B any] struct {
	most int
	fly  func(ctx context.Context, asks []A) []Answer[B]

	mu   sync.Mutex
	desk map[string]*departure[A, B]
}

// Answer is what a trip brought for one ask.
type Answer[B any] struct {
	Value B
	Err   error
}

// departure is where the asks of a desk wait for their trip.
type departure[A, B any] struct {
	waiting  []*passenger[A, B]
	boarding bool // somebody gathers the next trip
	flights  int  // trips under way
	since    time.Time
	came     int // since then
	before   int // in the window before
}

// passenger is an ask on its way.
type passenger[A, B any] struct {
	ask    A
	done   chan struct{}
	answer Answer[B]
}

// New returns a gathering of which a trip takes at most so many asks. fly makes a
// trip, on a context that nobody's patience ends, and answers each ask in its
// place; it must come back.
func New[A, B any](most int, fly func(ctx context.Context, asks []A) []Answer[B]) *Gathering[A, B] {
	return &Gathering[A, B]{most: most, fly: fly, desk: map[string]*departure[A, B]{}}
}

// Do answers one ask, with others of the same desk. When ctx ends first, its
// error leaves open whether the ask was carried out.
func (g *Gathering[A, B]) Do(ctx context.Context, desk string, ask A) (B, error) {
	p := &passenger[A, B]{ask: ask, done: make(chan struct{})}
	if g.enter(desk, p) {
		go g.flyAll(context.WithoutCancel(ctx), desk)
	}
	select {
	case <-p.done:
		return p.answer.Value, p.answer.Err
	case <-ctx.Done():
		var none B
		return none, ctx.Err()
	}
}

// enter puts an ask with those that wait, and tells whether the caller must
// start their trip.
func (g *Gathering[A, B]) enter(desk string, p *passenger[A, B]) (start bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	d := g.desk[desk]
	if d == nil {
		d = &departure[A, B]{}
		g.desk[desk] = d
	}
	d.count(time.Now())
	d.waiting = append(d.waiting, p)
	return d.open()
}

// count keeps how many came lately.
func (d *departure[A, B]) count(now time.Time) {
	if passed := now.Sub(d.since); passed >= window {
		d.before, d.came, d.since = d.came, 0, now
		if passed >= 2*window {
			d.before = 0
		}
	}
	d.came++
}

// crowded tells whether more are likely to come within linger.
func (d *departure[A, B]) crowded() bool { return max(d.before, d.came) >= crowd }

// open makes the caller the one who gathers, if nobody does and a trip is free.
func (d *departure[A, B]) open() bool {
	if d.boarding || d.flights == atOnce || len(d.waiting) == 0 {
		return false
	}
	d.boarding = true
	return true
}

// flyAll makes trips until nobody waits, or somebody else gathers.
func (g *Gathering[A, B]) flyAll(ctx context.Context, desk string) {
	for more := true; more; more = g.land(desk) {
		if g.crowded(desk) {
			time.Sleep(linger)
		}
		g.trip(ctx, g.board(desk))
	}
}

func (g *Gathering[A, B]) crowded(desk string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	d := g.desk[desk]
	return len(d.waiting) < g.most && d.crowded()
}

// board takes off who flies now.
func (g *Gathering[A, B]) board(desk string) []*passenger[A, B] {
	g.mu.Lock()
	defer g.mu.Unlock()
	d := g.desk[desk]
	list := d.waiting
	d.waiting = nil
	if len(list) > g.most {
		d.waiting = list[g.most:]
		list = list[:g.most:g.most]
	}
	d.boarding = false
	d.flights++
	return list
}

// land ends a trip, and tells whether the same hands make the next one.
func (g *Gathering[A, B]) land(desk string) (more bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	d := g.desk[desk]
	d.flights--
	return d.open()
}

// trip answers all of a list.
func (g *Gathering[A, B]) trip(ctx context.Context, list []*passenger[A, B]) {
	asks := make([]A, len(list))
	for i, p := range list {
		asks[i] = p.ask
	}
	answers := g.fly(ctx, asks)
	for i, p := range list {
		p.answer = answers[i]
		close(p.done)
	}
}
