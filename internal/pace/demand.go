package pace

import "time"

const (
	// recently is the time whose use foretells as much to come.
	recently = 100 * time.Millisecond
	// few slots recently foretell nothing: each is asked for when it is wanted.
	few = 3
)

// demand foretells how many slots will be wanted, so that at high rates most
// of them are there before they are.
type demand struct {
	since      time.Time
	now, older int // taken since then, and in the time before
}

func (d *demand) took(now time.Time) {
	d.turn(now)
	d.now++
}

func (d *demand) turn(now time.Time) {
	switch age := now.Sub(d.since); {
	case age < recently:
		return
	case age < 2*recently:
		d.older = d.now
	default:
		d.older = 0
	}
	d.now, d.since = 0, now
}

// want is how many slots to ask for when so many calls could start now and so
// many slots are there; 0 when there are enough. It asks before the last is
// gone.
func (d *demand) want(ready, left int, now time.Time) int {
	d.turn(now)
	soon := max(d.now, d.older)
	if soon < few {
		soon = 0
	}
	if left >= ready+soon/2 {
		return 0
	}
	return ready + soon - left
}
