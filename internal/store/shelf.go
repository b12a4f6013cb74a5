package store

import (
	"context"
	_ "embed" // the scripts
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

//go:embed lua/take.lua
var takeSource string

//go:embed lua/putback.lua
var putbackSource string

const (
	// mostTaken is how many tasks one trip brings at most: while each trip fills
	// what was asked for, the next asks for twice as many.
	mostTaken = 16
	// shelfLife is how long a task may lie on a shelf. Its lease runs, for 30 s.
	shelfLife = time.Second
)

// shelf holds tasks that came with the one that an asynq server asked for, until
// it asks for the next, which is at once unless all its handlers are busy.
type shelf struct {
	client        redis.UniversalClient
	leave         func() // a place at the gate for each task
	take, putback *redis.Script

	mu     sync.Mutex
	tasks  []taken
	stale  *time.Timer // puts back what lies for too long
	want   int
	queue  []string // asynq's keys: pending, paused, active, lease
	prefix any
}

// taken is a task that is active in asynq's eyes.
type taken struct {
	id  string
	msg any
}

func newShelf(client redis.UniversalClient, leave func()) *shelf {
	return &shelf{client: client, leave: leave, want: 1, take: redis.NewScript(takeSource), putback: redis.NewScript(putbackSource)}
}

// next is the task that was taken first.
func (s *shelf) next() (msg any, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.tasks) == 0 {
		return nil, false
	}
	msg, s.tasks = s.tasks[0].msg, s.tasks[1:]
	if len(s.tasks) == 0 && s.stale != nil {
		s.stale.Stop()
	}
	return msg, true
}

// fill takes up to n tasks, hands the first out and keeps the others.
func (s *shelf) fill(ctx context.Context, queue []string, lease, prefix any, n int) (msg any, err error) {
	list, err := s.take.Run(ctx, s.client, queue, lease, prefix, n).Slice()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue, s.prefix = queue, prefix
	got := len(list) / 2
	if s.want = min(2*s.want, mostTaken); got < n {
		s.want = 1
	}
	for range n - got {
		s.leave()
	}
	if got == 0 {
		return nil, redis.Nil
	}
	for i := 2; i+1 < len(list); i += 2 {
		id, _ := list[i].(string)
		s.tasks = append(s.tasks, taken{id, list[i+1]})
	}
	if len(s.tasks) > 0 {
		s.stale = time.AfterFunc(shelfLife, func() { _ = s.clear(context.Background()) })
	}
	return list[1], nil
}

// wanted is how many to ask for.
func (s *shelf) wanted() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.want
}

// clear puts back what lies there. Where that fails the tasks wait for the end
// of their lease, as those of a worker that was killed.
func (s *shelf) clear(ctx context.Context) error {
	s.mu.Lock()
	tasks, queue, prefix := s.tasks, s.queue, s.prefix
	s.tasks = nil
	s.mu.Unlock()
	if len(tasks) == 0 {
		return nil
	}
	args := []any{prefix}
	for _, t := range tasks {
		s.leave()
		args = append(args, t.id)
	}
	ctx, cancel := context.WithTimeout(ctx, repairTimeout)
	defer cancel()
	return s.putback.Run(ctx, s.client, []string{queue[0], queue[2], queue[3]}, args...).Err()
}
