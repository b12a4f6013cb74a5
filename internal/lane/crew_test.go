package lane

import (
	"sync"
	"testing"
)

// TestEachJobIsDoneOnce, whoever of the crew is free, and at the same time as
// others.
func TestEachJobIsDoneOnce(t *testing.T) {
	c := newCrew()
	defer c.dismiss()
	const jobs = 200
	var done [jobs]int
	var all, together sync.WaitGroup
	together.Add(2) // the first two wait for each other
	for i := range jobs {
		all.Go(func() {
			c.do(func() {
				done[i]++
				if i < 2 {
					together.Done()
					together.Wait()
				}
			})
		})
	}
	all.Wait()
	for i, n := range done {
		if n != 1 {
			t.Errorf("job %d was done %d times", i, n)
		}
	}
}

// TestAPanicIsTheCallers, and who did the job stays for the next.
func TestAPanicIsTheCallers(t *testing.T) {
	c := newCrew()
	defer c.dismiss()
	defer func() {
		if got := recover(); got != "no" {
			t.Errorf("the caller got %v", got)
		}
		c.do(func() {})
	}()
	c.do(func() { panic("no") })
}
