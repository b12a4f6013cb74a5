package worker

import (
	"context"
	"time"

	"wxdispatch/internal/dispatch"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/lane"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/pace"
	"wxdispatch/internal/tasks"
	"wxdispatch/internal/tender"
)

// batchPoll is how often an idle lane of a batch asks Redis. It need not be
// quick, since the gate keeps two seconds' messages here.
const batchPoll = 250 * time.Millisecond

func newTender(a *account, g ground) *tender.Tender {
	queue := tasks.NewQueue(g.redis)
	batches := intake.Batches{Book: g.book, Queues: queue, MaxAge: g.cfg.Message.MaxAge, Keep: g.cfg.Message.Keep, Now: time.Now}
	return tender.New(tender.Options{
		Account: a.name, Kinds: a.cfg.Type.Kinds(), Book: g.book, Queues: queue, Make: a.newBatchLane,
		Clear: func(ctx context.Context, b *ledger.Batch) error {
			_, err := batches.Clear(ctx, b, func(int) {})
			return err
		},
		Quiet: a.cfg.Quiet().Until, Keep: g.cfg.Message.Keep, Log: g.log,
	})
}

// batchLane is a lane of a batch, with its own pace where it has one.
type batchLane struct {
	*lane.Lane
	own *pace.Pacer
}

// Stop drains and waits for what runs.
func (l batchLane) Stop() {
	l.Lane.Stop()
	if l.own != nil {
		l.own.Close()
	}
}

// newBatchLane makes a lane that sends as its account does, but at the door of
// batches. Batches share a gate of their own, so that single messages always
// find a place; one that is slowed has its own, so that it takes none from the
// others.
func (a *account) newBatchLane(l message.Lane, b *ledger.Batch) tender.Lane {
	gate := a.batchGate
	d := a.newDispatcher(gate.Paced(a.pacer))
	var own *pace.Pacer
	if b.Rate > 0 {
		own = pace.New(pace.Options{
			Account: a.name, Batch: b.Name, Rate: b.Rate, Burst: 1, Concurrency: a.cfg.Concurrency, Redis: a.ground.redis, Log: a.ground.log,
		})
		own.Start()
		gate = lane.NewGate(own.Places)
		d.Pace = gate.Paced(slowed{a.pacer, own})
	}
	if b.IgnoreQuiet {
		d.Rules.Quiet = nil
	}
	return batchLane{own: own, Lane: lane.New(lane.Options{
		Lane: l, Concurrency: a.cfg.Concurrency, Poll: batchPoll,
		ShutdownTimeout: a.ground.cfg.Worker.ShutdownTimeout - returnMargin,
		Gate:            gate, NewServer: a.newServer, Dispatcher: a.follow(d), Log: a.ground.log,
	})}
}

// slowed is the pace of a batch with a rate of its own: its slot first, then the
// account's, which is what must be used at once.
type slowed struct {
	dispatch.Pace // the account's
	own           *pace.Pacer
}

// Slot waits for both; a message that has begun waits for the account's only.
func (s slowed) Slot(ctx context.Context, batch bool) (func(), time.Time, error) {
	if !batch {
		return s.Pace.Slot(ctx, batch)
	}
	endOwn, _, err := s.own.Slot(ctx, batch)
	if err != nil {
		return nil, time.Time{}, err
	}
	end, good, err := s.Pace.Slot(ctx, batch)
	if err != nil {
		endOwn()
		return nil, time.Time{}, err
	}
	return func() { end(); endOwn() }, good, nil
}

// kindLane is what a park stops: the lane of a kind's single messages, and those
// of its batches.
type kindLane struct {
	*lane.Lane
	batches *tender.Tender
}

// Start goes on; the batches follow at the tender's next look.
func (k kindLane) Start() error {
	k.batches.Go(k.Kind())
	return k.Lane.Start()
}

// Park stops until Start.
func (k kindLane) Park() {
	k.Lane.Park()
	k.batches.Park(k.Kind())
}

// lanesOf are all lanes of a kind of the account that may send but for a park,
// single messages first.
func (a *account) lanesOf(kind message.Kind) []message.Lane {
	lanes := []message.Lane{{Account: a.name, Kind: kind}}
	for _, l := range a.tender.Lanes(true) {
		if l.Kind == kind {
			lanes = append(lanes, l)
		}
	}
	return lanes
}

// queues are the queues of the accounts at work, those of batches within their
// kinds'.
type queues struct {
	fleet *fleet
	queue *tasks.Queue
	book  *ledger.Ledger
}

// Doubts counts an account's messages in doubt by kind.
func (q queues) Doubts(ctx context.Context, account string) (map[message.Kind]int, error) {
	return q.book.Doubts(ctx, account)
}

// Backlog counts what stands in the queues of a kind and its batches.
func (q queues) Backlog(ctx context.Context, account string, kind message.Kind) (map[string]int, time.Duration, error) {
	lanes := []message.Lane{{Account: account, Kind: kind}}
	if a := q.fleet.find(account); a != nil {
		for _, l := range a.tender.Lanes(false) {
			if l.Kind == kind {
				lanes = append(lanes, l)
			}
		}
	}
	return q.queue.Backlog(ctx, lanes...)
}
