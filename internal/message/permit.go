package message

import (
	"slices"
	"strings"
)

// PermitType is where the right to send one message comes from.
type PermitType string

// The types of permit (DESIGN, Permits).
const (
	FormPermit    PermitType = "form"    // a submitted form: 1 message, 7 days
	PaymentPermit PermitType = "payment" // a payment's prepay_id: 3 messages, 7 days
	ConsentPermit PermitType = "consent" // a subscription: counted per template, no expiry
)

// PermitTypes are all there are.
func PermitTypes() []PermitType { return []PermitType{FormPermit, PaymentPermit, ConsentPermit} }

// Valid tells whether t is one of them.
func (t PermitType) Valid() bool { return slices.Contains(PermitTypes(), t) }

// paymentLook begins every prepay_id (wx and the payment's time); form ids
// never did.
const paymentLook = "wx"

// PermitTypeOf tells a form_id from a prepay_id by its look, which is all that
// there is when nobody recorded it. Empty for an empty code. In case of doubt
// it is a payment, whose outcome is never guessed.
func PermitTypeOf(code string) PermitType {
	switch {
	case code == "":
		return ""
	case strings.HasPrefix(code, paymentLook):
		return PaymentPermit
	}
	return FormPermit
}

// PermitTypeOfText is PermitTypeOf for what an app passed for a code: the
// prefix prepay_id= tells a payment for sure.
func PermitTypeOfText(text string) PermitType {
	if strings.HasPrefix(text, packagePrefix) {
		return PaymentPermit
	}
	return PermitTypeOf(text)
}
