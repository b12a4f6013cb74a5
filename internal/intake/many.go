package intake

import (
	"context"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
	"wxdispatch/internal/registry"
	"wxdispatch/internal/tasks"
)

// Asks is what TakeMany asks the ledger.
type Asks interface {
	// TakeMany answers each message in order, a few trips for all of them. No two
	// may have the same id. Class Unavailable: it may or may not have been
	// reserved; ask again.
	TakeMany(ctx context.Context, asked []ledger.Asked, keep time.Duration) []ledger.Taking
}

// Puts is how TakeMany enqueues.
type Puts interface {
	// EnqueueMany is Queue.Put of each, in order, a few trips for all of them. No
	// two may have the same id.
	EnqueueMany(ctx context.Context, jobs []message.Job) []tasks.Enqueued
}

// Outcome is what became of one message of many; Err is as Take's.
type Outcome struct {
	Result
	Err error
}

// TakeMany is Take of each message in order, and answers each as Take would: one
// pipeline to the ledger and one to the queue for all of them, a few more for
// those that are known already or share an id. One that cannot be taken stops no
// other. After an error of class Unavailable that message alone is undecided:
// take it again with the id of its Result.
//
// Where one message gives a permit back since its id waits with other content,
// those of the same user after it may hold another permit than they would one
// by one; none goes without.
func (i *Intake) TakeMany(ctx context.Context, messages []*message.Message) []Outcome {
	outcomes := make([]Outcome, 0, len(messages))
	for len(messages) > 0 {
		n := distinct(messages)
		outcomes = append(outcomes, i.takePage(ctx, messages[:n])...)
		messages = messages[n:]
	}
	return outcomes
}

// distinct is how many messages come before the first whose id was there.
func distinct(messages []*message.Message) int {
	type name struct{ account, id string }
	seen := make(map[name]bool, len(messages))
	for n, m := range messages {
		if m.ID == "" {
			continue
		}
		if seen[name{m.Account, m.ID}] {
			return n
		}
		seen[name{m.Account, m.ID}] = true
	}
	return len(messages)
}

// page is one go of TakeMany at messages without a common id. Places are numbers
// of its slices.
type page struct {
	*Intake
	now      time.Time
	asked    []ledger.Asked
	known    []bool  // a reservation was there already
	late     []error // why a message is too late, should it be new
	outcomes []Outcome
}

func (i *Intake) takePage(ctx context.Context, messages []*message.Message) []Outcome {
	p := newPage(i, len(messages))
	var ask []int
	for n, m := range messages {
		if p.describe(ctx, n, m) {
			ask = append(ask, n)
		}
	}
	put := p.ask(ctx, ask)
	p.put(ctx, put)
	return p.outcomes
}

func newPage(i *Intake, size int) *page {
	return &page{Intake: i, now: i.Now(), asked: make([]ledger.Asked, size), known: make([]bool, size), late: make([]error, size),
		outcomes: make([]Outcome, size)}
}

// describe writes down what a message needs, and whether the ledger is to be
// asked for it.
func (p *page) describe(ctx context.Context, n int, m *message.Message) bool {
	o := &p.outcomes[n]
	o.Result = Result{ID: m.ID, Account: m.Account, Warnings: m.Warnings}
	if m, o.Err = p.name(m); o.Err != nil {
		return false
	}
	o.ID = m.ID
	var account registry.Account
	if account, o.Err = p.belongs(ctx, m); o.Err != nil {
		return false
	}
	p.late[n] = inTime(m, p.now)
	need := permit.Need(m, p.now, account.Policy())
	p.asked[n] = ledger.Asked{Job: message.Job{Message: m, Created: p.now}, Need: need,
		Deadline: m.Deadline(p.now, p.MaxAge), Reserve: p.late[n] == nil && reserves(m, need)}
	return true
}

// ask asks the ledger for places, and returns those that are to be enqueued.
func (p *page) ask(ctx context.Context, places []int) (put []int) {
	if len(places) == 0 {
		return nil
	}
	asked := p.asked
	if len(places) < len(asked) {
		asked = make([]ledger.Asked, len(places))
		for k, n := range places {
			asked[k] = p.asked[n]
		}
	}
	for k, taking := range p.Asks.TakeMany(ctx, asked, p.Keep) {
		if n := places[k]; p.settled(n, taking) {
			put = append(put, n)
		}
	}
	return put
}

// settled writes down what the ledger's answer says, and whether the message is
// to be enqueued.
func (p *page) settled(n int, t ledger.Taking) (enqueue bool) {
	o, a := &p.outcomes[n], p.asked[n]
	m := a.Job.Message
	switch {
	case t.Err != nil:
		o.Err = t.Err
	case t.Known && t.Digest != m.Digest:
		o.Err = conflict(m.ID, t.State)
	case t.Known && !(a.Reserve && t.State == message.Queued):
		o.Result = repeated(o.Result, t.State)
	case t.Unwanted != nil:
		o.Err = unwanted(t.Unwanted)
	case p.late[n] != nil:
		o.Err = p.late[n]
	case a.Reserve && t.Refused():
		o.Err = unpermitted(m, t.Reservation, p.now)
	default:
		p.known[n] = t.Known
		return true
	}
	return false
}

// put enqueues places.
func (p *page) put(ctx context.Context, places []int) {
	places, freed := p.open(ctx, places)
	if len(places) > 0 {
		jobs := make([]message.Job, len(places))
		for k, n := range places {
			jobs[k] = p.asked[n].Job
		}
		var again []int
		for k, done := range p.Puts.EnqueueMany(ctx, jobs) {
			n := places[k]
			if done.Err != nil {
				freed = p.notPut(ctx, n, done.Err, freed)
				continue
			}
			p.outcomes[n].State, p.outcomes[n].Duplicate = message.Queued, done.Duplicate
			if done.Duplicate {
				again = append(again, n)
			}
		}
		p.stand(ctx, again)
	}
	p.retake(ctx, freed)
}

// open makes the batches of places known, and returns those whose batch takes
// them, and those that gave a reservation back.
func (p *page) open(ctx context.Context, places []int) (opened, freed []int) {
	opened = make([]int, 0, len(places))
	for _, n := range places {
		if err := p.opens(ctx, p.asked[n].Job.Message.Lane()); err != nil {
			freed = p.notPut(ctx, n, err, freed)
			continue
		}
		opened = append(opened, n)
	}
	return opened, freed
}

// notPut is what becomes of a message that cannot be enqueued. Where it gives a
// reservation back it is one more of freed.
func (p *page) notPut(ctx context.Context, n int, err error, freed []int) []int {
	if fault.Is(err, fault.Conflict) && p.asked[n].Reserve && !p.known[n] {
		p.outcomes[n].Err = p.unreserve(ctx, p.asked[n].Job, err)
		return append(freed, n)
	}
	p.outcomes[n].Err = err
	return freed
}

// stand tells where messages stand that wait in the queue: the ledger may have
// begun them already. A ledger that does not answer takes nothing back.
func (p *page) stand(ctx context.Context, places []int) {
	if len(places) == 0 {
		return
	}
	asked := make([]ledger.Asked, len(places))
	for k, n := range places {
		asked[k].Job = p.asked[n].Job
	}
	for k, t := range p.Asks.TakeMany(ctx, asked, p.Keep) {
		if n := places[k]; t.Err == nil && t.Known && t.Digest == p.asked[n].Job.Message.Digest {
			p.outcomes[n].State = t.State
		}
	}
}

// retake takes those again that found no permit while another of the same user
// held one which it then gave back.
func (p *page) retake(ctx context.Context, freed []int) {
	for _, f := range freed {
		first := p.asked[f].Job.Message
		for n := f + 1; n < len(p.outcomes); n++ {
			m := p.asked[n].Job.Message
			if fault.Is(p.outcomes[n].Err, fault.Unpermitted) && m.Account == first.Account && m.Body.Recipient() == first.Body.Recipient() {
				p.outcomes[n].Result, p.outcomes[n].Err = p.Take(ctx, m)
			}
		}
	}
}
