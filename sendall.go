package wxdispatch

import (
	"context"
	"fmt"
	"iter"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/intake"
)

const (
	// handful is how many messages go on one trip: enough to hide the way, few
	// enough that a busy Redis answers them in time.
	handful = 500
	// handfulBytes is how much they may weigh together.
	handfulBytes = 4 << 20
	// lingering is how long a message waits for others that are slow to come.
	lingering = 50 * time.Millisecond
)

// SendAll hands messages over, some hundreds on each trip, and yields a result
// for each, in their order, as Send would answer it. It reads messages only as
// fast as results are taken, so their number does not matter; nothing is read
// any more once the loop over the results is left.
//
// An error is the message's beside which it stands, and the others go on; but
// with class Unavailable the sequence ends after the trip that failed: its words
// tell how many had an answer before. What was read of messages until then has
// its result, the undecided with the class Unavailable and their ids, under
// which they may be sent again. So does the end of ctx.
func (c *Client) SendAll(ctx context.Context, messages iter.Seq[*Message]) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		s := sending{Client: c, yield: yield}
		for m := range messages {
			if !s.add(ctx, m) {
				return
			}
		}
		s.hand(ctx)
	}
}

// sending is one SendAll.
type sending struct {
	*Client
	yield    func(Result, error) bool
	waiting  []*Message
	bytes    int
	since    time.Time // when the first of waiting came
	told     int       // messages that have their result
	answered int       // those of them whose outcome is known
}

// add takes one message and hands over what waits when that is enough; false
// ends it all.
func (s *sending) add(ctx context.Context, m *Message) bool {
	if m == nil { // the order of results is that of the messages
		if !s.hand(ctx) {
			return false
		}
		s.told, s.answered = s.told+1, s.answered+1
		return s.yield(Result{}, noMessage())
	}
	if len(s.waiting) == 0 {
		s.since = time.Now()
	}
	s.waiting, s.bytes = append(s.waiting, m), s.bytes+len(m.Raw)
	enough := len(s.waiting) == handful || s.bytes >= handfulBytes || time.Since(s.since) >= lingering
	return !enough && ctx.Err() == nil || s.hand(ctx)
}

// hand hands over what waits and tells what became of each; false ends it all.
func (s *sending) hand(ctx context.Context) bool {
	if len(s.waiting) == 0 {
		return true
	}
	outcomes := s.door.TakeMany(ctx, s.waiting)
	clear(s.waiting)
	s.waiting, s.bytes = s.waiting[:0], 0
	lost := false
	for _, o := range outcomes {
		if fault.Is(o.Err, fault.Unavailable) {
			lost = true
		} else {
			s.answered++
		}
	}
	for _, o := range outcomes {
		s.told++
		if !s.yield(o.Result, s.wordsOf(o)) {
			return false
		}
	}
	return !lost
}

// wordsOf is an outcome's error; one that ends the sequence tells how far it
// came.
func (s *sending) wordsOf(o intake.Outcome) error {
	if !fault.Is(o.Err, fault.Unavailable) {
		return o.Err
	}
	return &fault.Error{Op: "wxdispatch.send_all", Class: fault.Unavailable, RetryAfter: fault.RetryAfter(o.Err), Err: o.Err,
		Message: fmt.Sprintf("message %d may have been taken or not: send it again with the id %s; until here %d have their answer", s.told, o.ID, s.answered)}
}
