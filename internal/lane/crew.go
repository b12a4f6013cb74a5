package lane

import "sync"

// crew are goroutines that stay from one task to the next. asynq starts one for
// each task; a message's way is deep enough that each of those would grow its
// stack several times, which costs more than to hand the task over.
type crew struct {
	jobs chan func()
	over chan struct{}
	all  sync.WaitGroup
}

func newCrew() *crew { return &crew{jobs: make(chan func()), over: make(chan struct{})} }

// do has one of the crew do a job, which is done when it returns. A panic of the
// job is the caller's. It must not be called after dismiss.
func (c *crew) do(job func()) {
	done := make(chan any, 1)
	work := func() {
		defer func() { done <- recover() }()
		job()
	}
	select {
	case c.jobs <- work:
	default: // all are busy
		c.all.Go(func() { c.stay(work) })
	}
	if panicked := <-done; panicked != nil {
		panic(panicked)
	}
}

// stay does one job after the other until the crew is dismissed.
func (c *crew) stay(work func()) {
	for {
		work()
		select {
		case work = <-c.jobs:
		case <-c.over:
			return
		}
	}
}

// dismiss ends the crew and waits for it; nobody may be at work.
func (c *crew) dismiss() {
	close(c.over)
	c.all.Wait()
}
