package lane

import (
	"context"
	"sync"
	"time"

	"wxdispatch/internal/fault"
)

// arrival is the longest that a task which was taken from the queue needs to
// its handler; one that never comes there (asynq could not read it) gives its
// place back then.
const arrival = 5 * time.Second

// Gate keeps an account's messages in its queues until the pace lets them
// through: so many places are there in this worker for those that wait for a
// slot, and a lane takes a task only into a free one. It is safe for concurrent
// use.
type Gate struct {
	places func() int

	mu     sync.Mutex
	coming []time.Time // taken, and not with their handlers yet: since when
	inside int         // with their handlers, before their slots
}

// NewGate returns a gate of as many places as places tells at the time.
func NewGate(places func() int) *Gate { return &Gate{places: places} }

// Enter takes a place for a task that is about to be asked for; false when none
// is free.
func (g *Gate) Enter() bool {
	places := g.places()
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	for len(g.coming) > 0 && now.Sub(g.coming[0]) > arrival {
		g.coming = g.coming[1:]
	}
	if len(g.coming)+g.inside >= places {
		return false
	}
	g.coming = append(g.coming, now)
	return true
}

// Entrance is where a server asks before it takes a task.
type Entrance interface {
	// Enter takes a place for one task; false: not now. It does not block.
	Enter() bool
	// Leave gives the place back: there was no task.
	Leave()
}

// Leave gives a place back: there was no task.
func (g *Gate) Leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if n := len(g.coming); n > 0 {
		g.coming = g.coming[:n-1]
	}
}

// arrive is a handler's word that its task is there. It holds the place until
// its slot is taken, or it ends.
func (g *Gate) arrive(ctx context.Context) (context.Context, *place) {
	p := &place{gate: g, held: true}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.coming) > 0 {
		g.coming = g.coming[1:]
	}
	g.inside++
	return context.WithValue(ctx, placeKey{}, p), p
}

type placeKey struct{}

// place is one message's in the waiting room.
type place struct {
	gate *Gate
	held bool
}

// hold takes the place, also when none is free: the message is here already.
func (p *place) hold(held bool) {
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	if p.held == held {
		return
	}
	if p.held = held; held {
		p.gate.inside++
	} else {
		p.gate.inside--
	}
}

// Pace is what hands out slots.
type Pace interface {
	// Slot blocks until a call may start; see internal/dispatch.
	Slot(ctx context.Context, batch bool) (end func(), good time.Time, err error)
	// Answered follows each call.
	Answered(class fault.Class)
}

// Paced returns the pace as the lanes' dispatchers shall see it: who waits for
// a slot has a place, and who got one has none.
func (g *Gate) Paced(p Pace) Pace { return paced{p} }

type paced struct{ Pace }

func (p paced) Slot(ctx context.Context, batch bool) (func(), time.Time, error) {
	if mine, ok := ctx.Value(placeKey{}).(*place); ok {
		mine.hold(true)
		defer mine.hold(false)
	}
	return p.Pace.Slot(ctx, batch)
}
