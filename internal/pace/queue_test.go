package pace

import (
	"strings"
	"testing"
)

// Letters are callers: s a single message's, b a batch's; upper case is who
// goes, in order.
func TestTheTwoDoors(t *testing.T) {
	for _, c := range []struct{ name, arrive, want string }{
		{"nobody", "", ""},
		{"singles in their order", "sss", "s0 s1 s2"},
		{"a batch alone goes at once", "bbb", "b0 b1 b2"},
		{"singles first", "bbss", "s2 s3 b0 b1"},
		{"every fifth slot is a batch's", "bbsssssssss", "s2 s3 s4 s5 b0 s6 s7 s8 s9 b1 s10"},
		{"batches one after another when no single waits", "bbbs", "s3 b0 b1 b2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			q, names := queue{}, map[*waiter]string{}
			for i, kind := range c.arrive {
				w := &waiter{batch: kind == 'b'}
				names[w] = string(kind) + number(float64(i))
				q.push(w)
			}
			var got []string
			for w := q.pop(); w != nil; w = q.pop() {
				got = append(got, names[w])
			}
			if order := strings.Join(got, " "); order != c.want {
				t.Errorf("got  %s\nwant %s", order, c.want)
			}
		})
	}
}

func TestSinglesThatNobodyWaitedForCostABatchNothing(t *testing.T) {
	var q queue
	for range 100 { // singles alone: a batch that comes later is not at once due
		q.push(&waiter{})
		q.pop()
	}
	q.push(&waiter{batch: true})
	for i := range batchEvery - 1 {
		q.push(&waiter{})
		if w := q.pop(); w.batch {
			t.Fatalf("the batch went after %d singles, want %d", i, batchEvery-1)
		}
	}
	q.push(&waiter{})
	if w := q.pop(); !w.batch {
		t.Fatal("the batch did not go in time")
	}
}

func TestWhoLeavesTheQueueGetsNothing(t *testing.T) {
	var q queue
	a, b, c := &waiter{}, &waiter{}, &waiter{batch: true}
	for _, w := range []*waiter{a, b, c} {
		q.push(w)
	}
	if !q.remove(a) || !q.remove(c) || q.remove(a) {
		t.Fatal("who waits can leave, once")
	}
	if q.pop() != b || q.pop() != nil || q.remove(b) {
		t.Fatal("want the one who stayed, and nobody else")
	}
}
