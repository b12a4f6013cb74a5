package token

import (
	"time"

	"wxdispatch/internal/fault"
)

// span is the shortest and the longest time that a source is left alone.
type span struct{ first, last time.Duration }

var (
	// passing trouble ends by itself, mostly within seconds. It begins short: a
	// token of a short life has little time to be renewed in.
	passing = span{250 * time.Millisecond, 30 * time.Second}
	// standing trouble (a wrong secret, a whitelist, a used-up quota) ends when a
	// person or a day does something; each try may cost quota meanwhile.
	standing = span{time.Minute, 30 * time.Minute}
)

// stands tells whether trouble of a class is of the kind that stops the
// account: only a person, or another day, ends it.
func stands(class fault.Class) bool {
	switch class {
	case fault.Busy, fault.Minute, fault.Unsent, fault.Unanswered, fault.Unavailable, "":
		return false
	}
	return true
}

// soonest is the shortest rest: where a good token has almost ended.
const soonest = 100 * time.Millisecond

// backOff tells how long a source is left alone after a failure of class: the
// span's first time, or twice the rest before it, 0 when there was none. While a
// token is good for left yet, passing trouble is not waited for beyond half of
// that.
func backOff(class fault.Class, before, left time.Duration) time.Duration {
	s := passing
	if stands(class) {
		s, left = standing, 0
	}
	rest := s.first
	if before > 0 {
		rest = min(2*before, s.last)
	}
	if left > 0 {
		rest = min(rest, max(left/2, soonest))
	}
	return rest
}
