package token

import (
	"time"

	"wxdispatch/internal/fault"
)

// span is the shortest and the longest time that a source is left alone.
type span struct{ first, last time.Duration }

var (
	// passing trouble ends by itself, mostly within seconds.
	passing = span{time.Second, 30 * time.Second}
	// standing trouble (a wrong secret, a whitelist, a used-up quota) ends when a
	// person or a day does something; each try may cost quota meanwhile.
	standing = span{time.Minute, 30 * time.Minute}
)

// backOff tells how long a source is left alone after a failure of class that
// followed failures others: the span's first time, doubled each time.
func backOff(class fault.Class, failures int) time.Duration {
	s := standing
	switch class {
	case fault.Busy, fault.Minute, fault.Unsent, fault.Unanswered, fault.Unavailable, "":
		s = passing
	}
	rest := s.first
	for range failures {
		if rest *= 2; rest >= s.last {
			return s.last
		}
	}
	return rest
}
