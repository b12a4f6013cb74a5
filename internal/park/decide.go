package park

import (
	"strings"
	"time"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

// holding are the parks that hold a kind.
func holding(parks []ledger.Parked, kind message.Kind) (holds []ledger.Parked) {
	for _, p := range parks {
		if p.Holds(kind) {
			holds = append(holds, p)
		}
	}
	return holds
}

// probeable tells whether one message of a kind may find out now whether it may
// go: something holds it, and all that does may be tried.
func probeable(parks []ledger.Parked, kind message.Kind, now time.Time) bool {
	holds := holding(parks, kind)
	for _, p := range holds {
		if !p.Tried(now) {
			return false
		}
	}
	return len(holds) > 0
}

// wait is when to look again: each second, and when a park ends or is tried.
func wait(s ledger.Standing) time.Duration {
	d := lookEvery
	for _, p := range s.Parks {
		for _, at := range []time.Time{p.Until, p.Next} {
			if left := at.Sub(s.Now); !at.IsZero() && left > 0 {
				d = min(d, left)
			}
		}
	}
	return max(d, soonest)
}

// latest is since when the youngest of some parks stands: they are the same as
// long as it is.
func latest(holds []ledger.Parked) (since time.Time) {
	for _, p := range holds {
		if p.Since.After(since) {
			since = p.Since
		}
	}
	return since
}

// tell says in words what holds a kind.
func tell(holds []ledger.Parked) string {
	var words []string
	for _, p := range holds {
		text := p.Reason
		if p.Kind == "" {
			text += " (all kinds)"
		}
		if p.Info.Who != "" {
			text += " by " + p.Info.Who
		}
		words = append(words, text)
	}
	return strings.Join(words, ", ")
}
