// Package push reads what WeChat pushes to an account's address: signatures,
// plain, compatible and safe (AES) bodies, XML and JSON, as one typed result.
//
// Its promise: nothing that a stranger sends makes it panic or costs more
// memory than some hundred KiB: a body has 64 KiB and 2000 elements at most;
// signatures are compared in constant time; what is refused says in one word
// why (Refusal), and no error holds a piece of the body. Whether a push was seen before, and
// what becomes of it, is for internal/callback.
package push

import "time"

// MaxBody is the greatest size of a push in bytes. WeChat's own are below 4 KiB.
const MaxBody = 64 << 10

// Push is one push, read. Exactly one of Receipt, Consents, Sent is set, or
// none: then it is not ours, and Type says what it is.
type Push struct {
	Type    string    `json:"type"`    // the event in small letters, or the kind of message: text, image
	OpenID  string    `json:"openid"`  // of whom it tells
	Created time.Time `json:"created"` // WeChat's CreateTime, to the second; zero where it has none
	Came    time.Time `json:"-"`       // when it was kept here; zero: not yet

	Receipt  *Receipt  `json:"receipt,omitempty"`  // TEMPLATESENDJOBFINISH
	Consents []Consent `json:"consents,omitempty"` // subscribe_msg_popup_event, subscribe_msg_change_event
	Sent     []Sent    `json:"sent,omitempty"`     // subscribe_msg_sent_event
}

// Ours tells whether the push tells of a message's fate or of a user's consent.
func (p Push) Ours() bool { return p.Receipt != nil || len(p.Consents) > 0 || len(p.Sent) > 0 }

// Receipt is the fate of a template message.
type Receipt struct {
	MsgID  string `json:"msgid"`  // digits
	Status string `json:"status"` // success, or failed: and why, as it stands; at most 64 bytes
}

// Consent is a user's choice about one subscription template.
type Consent struct {
	Template string `json:"template"`
	Accepted bool   `json:"accepted"` // false: rejected, or switched off later
	Status   string `json:"status"`   // WeChat's word, as it stands
}

// Sent is the fate of a subscription message.
type Sent struct {
	Template string `json:"template"`
	MsgID    string `json:"msgid"`
	ErrCode  int    `json:"errcode"` // 0: delivered
	Status   string `json:"status"`  // WeChat's word, as it stands; at most 64 bytes
}

// The events that are ours, in small letters: WeChat writes some in capitals.
const (
	TemplateFinished = "templatesendjobfinish"
	ConsentAsked     = "subscribe_msg_popup_event"
	ConsentChanged   = "subscribe_msg_change_event"
	SubscriptionSent = "subscribe_msg_sent_event"

	// Unnamed stands for the type of a push that names none.
	Unnamed = "unnamed"
)
