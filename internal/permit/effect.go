package permit

import (
	"time"

	"wxdispatch/internal/message"
)

// WeChat's errcodes that say something of a permit (errcodes.tsv).
const (
	codeVoid      = 41028 // wrong or expired
	codeExhausted = 41029 // used already
	codeBlocked   = 41031
	codeRefused   = 43101 // the user refuses the template, or the consent is spent
)

const (
	// settling is how long WeChat may not know a payment that is good: its two
	// back ends need 5 to 10 s, and 41028 is believed after a minute only.
	settling = time.Minute
	// Settled is when to try such a payment again.
	Settled = 10 * time.Second
)

// EndOf tells what an errcode does to the permit that was sent with.
func EndOf(code int, held message.PermitType) message.PermitEnd {
	if held == message.ConsentPermit {
		if code == codeRefused {
			return message.PermitVoid
		}
		return message.PermitGoesOn
	}
	switch code {
	case codeVoid, codeBlocked:
		return message.PermitVoid
	case codeExhausted:
		return message.PermitExhausted
	}
	return message.PermitGoesOn
}

// Unsettled tells whether WeChat, which says by this errcode that it does not
// know a permit, may not know it yet: a payment younger than 60 s.
func Unsettled(code int, held message.Held, now time.Time) bool {
	return code == codeVoid && held.Type == message.PaymentPermit && now.Sub(held.Issued) < settling
}
