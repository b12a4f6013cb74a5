// Package permit is the rules of what WeChat lets an app send one user: which
// permit is alive, which one is taken next, and what an errcode does to it.
//
// Its promise: pure functions of their input and of now. The ledger's Lua
// decides the same inside Redis; a test drives both with the same sequences
// and compares. Who keeps permits (internal/ledger) and who takes them in
// (internal/intake) is for others.
package permit

import (
	"time"

	"wxdispatch/internal/message"
)

const (
	// Life is how long WeChat takes a form_id or prepay_id from its issue on.
	Life = 7 * 24 * time.Hour
	// Margin is how much earlier it counts as over here: clocks differ, and a
	// message takes its time on the way.
	Margin = 5 * time.Minute
)

// Permit is a form_id or prepay_id and what is left of it.
type Permit struct {
	Code string
	Type message.PermitType // FormPermit or PaymentPermit
	Left int                // uses that are neither spent nor held
	Ends time.Time          // whole seconds; from then on it is not used
	Dead bool               // WeChat or the app took it back: never again, whatever is given back
}

// Uses is how many messages a permit is good for: a form 1, a payment 3, a
// consent 1 (WeChat's rules).
func Uses(t message.PermitType) int {
	if t == message.PaymentPermit {
		return 3
	}
	return 1
}

// Ends is when a permit that was handed out at issued counts as over: 7 days
// later less the margin, in whole seconds.
func Ends(issued time.Time) time.Time { return issued.Add(Life - Margin).Truncate(time.Second) }

// Issued is when a permit that ends then was handed out.
func Issued(ends time.Time) time.Time { return ends.Add(Margin - Life) }

// Alive tells whether a use of the permit, held or left, is good for a message
// at that time.
func (p Permit) Alive(at time.Time) bool { return !p.Dead && at.Before(p.Ends) }

// The reasons why a message has no permit; each ends it as unpermitted.
const (
	None    = "permit"         // the user's pool has none that lasts until then
	Expired = "permit_expired" // the one in the body is over, or will be
	Used    = "permit_used"    // all its uses are spent or held
	Void    = "permit_void"    // WeChat refused it before, or the app took it back
	Consent = "consent"        // no consent of the user is known for the template
)

// Refusal says why a permit named in a body cannot be used by a message that is
// due then, or "".
func (p Permit) Refusal(due time.Time) string {
	switch {
	case p.Dead:
		return Void
	case !p.Alive(due):
		return Expired
	case p.Left == 0:
		return Used
	}
	return ""
}

// Next picks, for a message that is due then, the permit of a pool that ends
// first; at the same end a form before a payment, then the one with less left,
// then by code. It answers its place, or -1.
func Next(pool []Permit, due time.Time) int {
	best := -1
	for i, p := range pool {
		if p.Refusal(due) == "" && (best < 0 || before(p, pool[best])) {
			best = i
		}
	}
	return best
}

func before(a, b Permit) bool {
	switch {
	case !a.Ends.Equal(b.Ends):
		return a.Ends.Before(b.Ends)
	case a.Type != b.Type:
		return a.Type == message.FormPermit
	case a.Left != b.Left:
		return a.Left < b.Left
	}
	return a.Code < b.Code
}
