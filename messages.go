package wxdispatch

import (
	"time"

	"wxdispatch/internal/message"
)

// MessageOption says more of a message than who gets what.
type MessageOption func(*message.Draft)

// ID names a message: 1 to 64 of A-Za-z0-9_.:-, unique in its account. A Send
// that is repeated with the same id and content changes nothing, so name it
// after what it tells of, as order-1001-paid. Without one a new id is made at
// each Send.
func ID(id string) MessageOption { return func(d *message.Draft) { d.ID = id } }

// SendAt has the message sent no earlier; at most a year ahead.
func SendAt(t time.Time) MessageOption { return func(d *message.Draft) { d.SendAt = t } }

// ExpiresAt has the message end as expired when it could not be sent until
// then. Without it the account's message.max_age decides.
func ExpiresAt(t time.Time) MessageOption { return func(d *message.Draft) { d.ExpiresAt = t } }

// Delivery says what happens when WeChat's answer is lost and a repeat could
// ring twice; without it the account's delivery decides.
func Delivery(how Promise) MessageOption { return func(d *message.Draft) { d.Delivery = how } }

// PermitIssuedAt says when the form_id or prepay_id in the body was handed out:
// it lasts 7 days from then. Without it that is when the message is taken.
func PermitIssuedAt(t time.Time) MessageOption {
	return func(d *message.Draft) { d.PermitIssuedAt = t }
}

// Batch makes the message belong to the batch of that name.
func Batch(name string) MessageOption { return func(d *message.Draft) { d.Batch = name } }

// Force sends the message also to a user who wants no such message
// (Suppression).
func Force() MessageOption { return func(d *message.Draft) { d.Force = true } }

// NewMessage makes a message for one user of an account. It is the same, to the
// byte, as the one that Decode makes of the JSON that says so; times count in
// UTC there. Its error is an *Error of class Invalid whose Fields are all
// mistakes at once, each with its JSON path.
func NewMessage(account string, body Body, options ...MessageOption) (*Message, error) {
	d := message.Draft{Account: account}
	if body != nil {
		d.Body = body.wire()
	}
	for _, say := range options {
		say(&d)
	}
	return message.Compose(d)
}

// Decode reads one message, strictly. Its error is an *Error of class Invalid
// whose Fields are all mistakes at once, each with its JSON path.
func Decode(data []byte) (*Message, error) { return message.Decode(data) }
