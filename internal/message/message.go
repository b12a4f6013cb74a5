// Package message holds the words that every room of wxdispatch shares: the
// message and its six typed bodies, its states, what an attempt asks and
// answers, and the record that tells what became of it.
//
// Its promise: a *Message that Decode returned is whole and valid, and has one
// exact form on WeChat's wire (Wire). Everything here is a pure function of its
// input; nothing here knows Redis, HTTP, asynq or a clock. Names of Redis keys
// are in message/keys. Whether an account exists, has a permit or is parked is
// for others to ask.
package message

import (
	"encoding/json"
	"time"

	"wxdispatch/internal/fault"
)

// Delivery says what happens to a message whose outcome is unknown and whose
// repetition WeChat would not recognise.
type Delivery string

// The two promises; empty means: as the account says.
const (
	AtMostOnce  Delivery = "at_most_once"  // hold it as in_doubt
	AtLeastOnce Delivery = "at_least_once" // send it again
)

// Valid tells whether d is one of the two, or empty.
func (d Delivery) Valid() bool { return d == "" || d == AtMostOnce || d == AtLeastOnce }

// Message is one send to one user, as an app hands it over.
type Message struct {
	ID             string    // 1 to 64 of A-Za-z0-9_.:-, unique in its account; empty until intake makes one
	Account        string    // the account's name in the configuration
	Kind           Kind      // which interface sends it
	Body           Body      // WeChat's own request, typed
	SendAt         time.Time // not before; zero: at once
	ExpiresAt      time.Time // not after; zero: message.max_age decides
	Delivery       Delivery  // empty: as the account says
	PermitIssuedAt time.Time // when the permit in the body was handed out; zero: now
	Batch          string    // the batch it belongs to, or empty
	Force          bool      // skips suppression

	// Warnings are what WeChat takes but drops or what reads better otherwise
	// (colours; miniprogram.path, sent as pagepath). They never refuse a message.
	Warnings []fault.Field

	// Raw is the message as the app gave it, as canonical JSON, and with its
	// id once it has one. It is what the queue carries.
	Raw json.RawMessage
	// Digest stands for the content: equal digests are equal canonical JSON of
	// all that the app gave, its id excepted (Digest function).
	Digest string

	// Trace is the traceparent of whoever hands the message over, or empty. It
	// goes with the message through the queue and is no part of its content; one
	// that is no ValidTrace is left out.
	Trace string
}

// Due returns when the message may first be sent: SendAt, or created when it
// has none or an earlier one.
func (m *Message) Due(created time.Time) time.Time {
	if m.SendAt.After(created) {
		return m.SendAt
	}
	return created
}

// Deadline returns when the message expires: the earlier of ExpiresAt and Due
// plus maxAge (0: no greatest age), or zero when neither is set.
func (m *Message) Deadline(created time.Time, maxAge time.Duration) time.Time {
	end := m.ExpiresAt
	if maxAge > 0 {
		if aged := m.Due(created).Add(maxAge); end.IsZero() || aged.Before(end) {
			end = aged
		}
	}
	return end
}
