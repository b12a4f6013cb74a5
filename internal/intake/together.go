package intake

import (
	"context"
	"slices"
	"sync"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

const (
	// lanes is how many goes of Together run at once: enough that a message that
	// comes alone never waits for another one's trip, few enough that under load
	// they fill.
	lanes = 4
	// mostTogether bounds one go.
	mostTogether = 100
)

// Together is Take for many callers at once: those that come while others are
// on their way to Redis go together, in one TakeMany. Alone nobody waits; the
// more come, the fewer trips each of them costs. It starts nothing, and is safe
// for concurrent use.
type Together struct {
	name     func(*message.Message) (*message.Message, error)
	take     func(ctx context.Context, messages []*message.Message) []Outcome
	patience time.Duration

	mu      sync.Mutex
	waiting []*waiter // in the order in which they came
	running int       // how many lanes are in use
}

// waiter is a caller with its message.
type waiter struct {
	m    *message.Message
	lead chan struct{} // closed: it makes the next go
	done chan Outcome  // has room for one
}

// NewTogether gathers for an intake. A go may take patience, whoever of its
// callers gives up.
func NewTogether(i *Intake, patience time.Duration) *Together {
	return &Together{name: i.name, take: i.TakeMany, patience: patience}
}

// Take is Intake.Take. When its context ends first, class Unavailable: the
// message may or may not have been taken.
func (t *Together) Take(ctx context.Context, m *message.Message) (Result, error) {
	m, err := t.name(m)
	if err != nil {
		return Result{}, err
	}
	w := &waiter{m: m, lead: make(chan struct{}), done: make(chan Outcome, 1)}
	t.enter(w)
	defer t.leave(w)
	select {
	case <-w.lead:
		t.run(ctx)
		o := <-w.done
		return o.Result, o.Err
	case o := <-w.done:
		return o.Result, o.Err
	case <-ctx.Done():
		return Result{ID: m.ID, Account: m.Account}, &fault.Error{Op: op, Class: fault.Unavailable, Message: "Redis did not answer in time", Err: ctx.Err()}
	}
}

// enter joins the line, at its head where a lane is free.
func (t *Together) enter(w *waiter) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting = append(t.waiting, w)
	if t.running < lanes {
		t.running++
		t.appoint()
	}
}

// appoint makes the first of the line that leads nothing yet lead the next go,
// or gives the lane back. The lock is held.
func (t *Together) appoint() {
	for _, w := range t.waiting {
		select {
		case <-w.lead:
		default:
			close(w.lead)
			return
		}
	}
	t.running--
}

// run makes a go of those at the head of the line. The leader is one of them, or
// another go has it already.
func (t *Together) run(ctx context.Context) {
	t.mu.Lock()
	group := slices.Clone(t.waiting[:min(len(t.waiting), mostTogether)])
	t.waiting = slices.Delete(t.waiting, 0, len(group))
	t.mu.Unlock()
	if len(group) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.patience)
	defer cancel()
	messages := make([]*message.Message, len(group))
	for i, w := range group {
		messages[i] = w.m
	}
	for i, o := range t.take(ctx, messages) {
		group[i].done <- o
	}
}

// leave takes a caller out of the line, and passes its lane on if it led, or was
// to lead.
func (t *Together) leave(w *waiter) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting = slices.DeleteFunc(t.waiting, func(other *waiter) bool { return other == w })
	select {
	case <-w.lead:
		t.appoint()
	default:
	}
}
