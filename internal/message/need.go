package message

import "time"

// Want is what sort of permit a message needs.
type Want string

// The sorts.
const (
	WantNothing Want = ""
	WantPermit  Want = "permit"  // a form or a payment
	WantConsent Want = "consent" // a subscription consent for the template
)

// Need is the permit that a message needs.
type Need struct {
	Want    Want
	Enforce bool       // without one the message is not sent
	Code    string     // the permit named in the body; empty: the user's that ends first
	Type    PermitType // of the named one, should nobody have recorded it
	Ends    time.Time  // of the named one, likewise; whole seconds
}

// Held is the permit that a run sends with.
type Held struct {
	Type   PermitType // empty: none is held
	Code   string     // what stands in the body as form_id; empty for a consent
	Pooled bool       // taken from the user's pool, so another may take its place
	Issued time.Time  // form, payment: when it was handed out
	Spent  bool       // an earlier attempt of this life may have used it
}

// PermitEnd is what an answer does to the permit that was sent with.
type PermitEnd string

// The ends.
const (
	PermitGoesOn    PermitEnd = ""
	PermitExhausted PermitEnd = "exhaust" // all its uses are gone
	PermitVoid      PermitEnd = "void"    // it is good for nothing more
)
