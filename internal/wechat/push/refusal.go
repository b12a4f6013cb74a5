package push

import (
	"errors"

	"wxdispatch/internal/fault"
)

// Refusal is why a push was not taken, in a word. The set is closed, so that it
// can be counted by.
type Refusal string

// The refusals. A forged or stale one is not WeChat's; a damaged, deep or big
// one is nothing that WeChat sends, whoever signed it.
const (
	Forged  Refusal = "forged"  // the signature is not of this account's token
	Stale   Refusal = "stale"   // its timestamp is more than 10 minutes from now
	Replay  Refusal = "replay"  // its timestamp and nonce came before, with another body
	Sealed  Refusal = "sealed"  // no key that is known opens it, or it is another appid's
	Damaged Refusal = "damaged" // neither XML nor JSON, or a field is not what it must be
	Deep    Refusal = "deep"    // nested beyond what a push has
	Big     Refusal = "big"     // over MaxBody
)

// Error is the word itself.
func (r Refusal) Error() string { return string(r) }

// Refuse makes the error, class Invalid, that carries the refusal. Words say
// what was found and what is wanted, without a piece of the body.
func (r Refusal) Refuse(words string) error {
	return &fault.Error{Op: "push.open", Class: fault.Invalid, Message: words, Err: r}
}

// RefusalOf returns why err refuses a push; "" when it does not.
func RefusalOf(err error) Refusal {
	var r Refusal
	if errors.As(err, &r) {
		return r
	}
	return ""
}
