package pace

import (
	"slices"
	"time"
)

// batchEvery is the door of batches: every so many slots one is theirs while
// both wait.
const batchEvery = 5

// waiter is a call that waits for its slot.
type waiter struct {
	batch bool
	slot  chan time.Time // until when its call must have started; holds one
}

// queue is who waits, by door: singles first, a batch's at least every fifth
// time, each door in order of arrival.
type queue struct {
	singles, batches []*waiter
	inARow           int // singles that went while a batch's waited
}

func (q *queue) len() int { return len(q.singles) + len(q.batches) }

func (q *queue) push(w *waiter) {
	if w.batch {
		q.batches = append(q.batches, w)
	} else {
		q.singles = append(q.singles, w)
	}
}

// pop takes the one whose turn it is; nil when nobody waits.
func (q *queue) pop() *waiter {
	switch {
	case len(q.batches) > 0 && (len(q.singles) == 0 || q.inARow >= batchEvery-1):
		q.inARow = 0
		return shift(&q.batches)
	case len(q.singles) == 0:
		return nil
	case len(q.batches) > 0:
		q.inARow++
	default:
		q.inARow = 0
	}
	return shift(&q.singles)
}

// remove takes one out that waits no more; false when it was popped before.
func (q *queue) remove(w *waiter) bool {
	door := &q.singles
	if w.batch {
		door = &q.batches
	}
	i := slices.Index(*door, w)
	if i < 0 {
		return false
	}
	*door = slices.Delete(*door, i, i+1)
	return true
}

// drain empties both doors.
func (q *queue) drain() []*waiter {
	all := append(q.singles, q.batches...)
	*q = queue{}
	return all
}

func shift(door *[]*waiter) *waiter {
	w := (*door)[0]
	(*door)[0] = nil
	*door = (*door)[1:]
	return w
}
