package intake

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// slow is a TakeMany that takes a second, and counts.
type slow struct {
	mu     sync.Mutex
	groups []int
	now    atomic.Int32
	most   int32
}

func (s *slow) take(ctx context.Context, messages []*message.Message) []Outcome {
	s.mu.Lock()
	s.groups = append(s.groups, len(messages))
	s.most = max(s.most, s.now.Add(1))
	s.mu.Unlock()
	defer s.now.Add(-1)
	outcomes := make([]Outcome, len(messages))
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		for i := range outcomes {
			outcomes[i].Err = &fault.Error{Class: fault.Unavailable}
		}
	}
	for i, m := range messages {
		outcomes[i].ID = m.ID
	}
	return outcomes
}

func gathered(take func(context.Context, []*message.Message) []Outcome) *Together {
	return &Together{take: take, patience: 3 * time.Second, name: func(m *message.Message) (*message.Message, error) {
		if m.ID == "refused" {
			return nil, errors.New("no name")
		}
		return m, nil
	}}
}

func TestThoseThatComeTogetherGoTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{}
		together, n := gathered(s.take), 1000
		var group sync.WaitGroup
		for i := range n {
			group.Go(func() {
				id := fmt.Sprint("m-", i)
				result, err := together.Take(t.Context(), &message.Message{ID: id})
				if err != nil || result.ID != id {
					t.Errorf("%s was answered %+v, %v", id, result, err)
				}
			})
		}
		group.Wait()
		all := 0
		for _, of := range s.groups {
			all += of
		}
		if all != n || len(s.groups) > 20 || s.most > lanes {
			t.Errorf("%d messages in %v, %d at once", all, s.groups, s.most)
		}
		if together.running != 0 || len(together.waiting) != 0 {
			t.Errorf("%d lanes are in use and %d wait, though nobody is there", together.running, len(together.waiting))
		}
	})
}

func TestAloneNobodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{}
		together := gathered(s.take)
		var group sync.WaitGroup
		for i := range lanes {
			group.Go(func() { _, _ = together.Take(t.Context(), &message.Message{ID: fmt.Sprint(i)}) })
			synctest.Wait()
		}
		group.Wait()
		if len(s.groups) != lanes || s.most != lanes {
			t.Errorf("groups %v, %d at once", s.groups, s.most)
		}
		if _, err := together.Take(t.Context(), &message.Message{ID: "refused"}); err == nil {
			t.Error("what cannot be named was taken")
		}
	})
}

// Callers that give up, at any moment, are answered at once, and neither hold
// the others up nor keep a lane.
func TestWhoGivesUpHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{}
		together := gathered(s.take)
		var group sync.WaitGroup
		for i := range 300 {
			group.Go(func() {
				patience := 20 * time.Second
				if i%3 > 0 {
					patience = time.Duration(i) * 7 * time.Millisecond
				}
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				time.Sleep(time.Duration(i%50) * 10 * time.Millisecond)
				start := time.Now()
				result, err := together.Take(ctx, &message.Message{ID: fmt.Sprint(i)})
				switch {
				case result.ID != fmt.Sprint(i):
					t.Errorf("%d was answered %+v", i, result)
				case err != nil && (i%3 == 0 || !fault.Is(err, fault.Unavailable)):
					t.Errorf("%d: %v", i, err)
				case err != nil && time.Since(start) > patience:
					t.Errorf("%d was held up for %v", i, time.Since(start))
				}
			})
		}
		group.Wait()
		synctest.Wait()
		if together.running != 0 || len(together.waiting) != 0 {
			t.Errorf("%d lanes are in use and %d wait, though nobody is there", together.running, len(together.waiting))
		}
		if result, err := together.Take(t.Context(), &message.Message{ID: "last"}); err != nil || result.ID != "last" {
			t.Errorf("afterwards: %+v, %v", result, err)
		}
	})
}

func TestAGoThatPanicsKeepsNoLane(t *testing.T) {
	together := gathered(func(context.Context, []*message.Message) []Outcome { panic("broken") })
	for range lanes + 1 {
		func() {
			defer func() { _ = recover() }()
			_, _ = together.Take(t.Context(), &message.Message{ID: "a"})
		}()
	}
	if together.running != 0 {
		t.Errorf("%d lanes are in use", together.running)
	}
}
