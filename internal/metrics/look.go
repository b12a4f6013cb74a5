package metrics

import (
	"context"
	"time"

	"wxdispatch/internal/message"
)

// lookLimit is the longest that a scrape waits for Redis.
const lookLimit = 2 * time.Second

// look is one look at all lanes, which several scrapes may wait for.
type look struct {
	asking

	// Written before done is closed, read after.
	seen   []sample
	failed bool // a lane is missing
}

// sample is what one lane held.
type sample struct {
	lane
	states map[string]int
	oldest time.Duration
	doubts map[message.Kind]int // of the account; nil: not known
}

// startLook asks in the background, for the queues may not heed their context;
// it ends when they have answered or failed.
func startLook(queues Queues, lanes []lane) *look {
	l := &look{asking: newAsking()}
	go l.run(queues, lanes)
	return l
}

// run asks lane after lane until the time is over.
func (l *look) run(queues Queues, lanes []lane) {
	defer close(l.done)
	ctx, cancel := context.WithTimeout(context.Background(), lookLimit)
	defer cancel()
	doubts := doubts{queues: queues}
	for _, lane := range lanes {
		if ctx.Err() != nil {
			l.failed = true
			return
		}
		states, oldest, err := queues.Backlog(ctx, lane.account, lane.kind)
		if err != nil {
			l.failed = true
			continue
		}
		found, err := doubts.of(ctx, lane.account)
		l.failed = l.failed || err != nil
		l.seen = append(l.seen, sample{lane, states, oldest, found})
	}
}

// doubts asks once for each account whose lanes stand together.
type doubts struct {
	queues  Queues
	account string
	found   map[message.Kind]int
	err     error
}

func (d *doubts) of(ctx context.Context, account string) (map[message.Kind]int, error) {
	if d.account != account {
		d.account = account
		if d.found, d.err = d.queues.Doubts(ctx, account); d.err != nil {
			d.found = nil
		} else if d.found == nil {
			d.found = map[message.Kind]int{}
		}
	}
	return d.found, d.err
}
