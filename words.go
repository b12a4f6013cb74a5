package wxdispatch

import (
	"wxdispatch/internal/fault"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
	"wxdispatch/internal/registry"
)

// The words of wxdispatch that an app meets.
type (
	Message     = message.Message     // one send to one user; NewMessage or Decode makes it
	Result      = intake.Result       // what became of one Send
	Record      = message.Record      // what is known of a message, with its history
	State       = message.State       // where a message stands
	Kind        = message.Kind        // which of WeChat's interfaces sends a message
	Promise     = message.Delivery    // what happens when WeChat's answer is lost
	Filter      = ledger.Filter       // which bad ends Failed yields; the zero value: all
	Resolution  = ledger.Resolution   // how Resolve ends a doubt
	Account     = registry.Account    // name, type and appid
	PermitType  = message.PermitType  // where the right to send one message comes from
	Grant       = permit.Grant        // a permit that the app collected
	Granted     = intake.Granted      // what became of one AddPermit
	GrantResult = intake.GrantResult  // what became of one permit of AddPermits
	Standing    = permit.Standing     // what is left of a permit
	Removed     = intake.Removed      // what became of one RemovePermit
	Suppression = message.Suppression // that a user wants nothing more, or nothing of one template
	Error       = fault.Error         // every error of this package; read it with errors.As
	Class       = fault.Class         // what an Error means
)

// The six kinds.
const (
	KindTemplate  = message.Template
	KindBizsend   = message.Bizsend
	KindOnetime   = message.Onetime
	KindWXOpen    = message.WXOpen
	KindUniform   = message.Uniform
	KindSubscribe = message.Subscribe
)

// The two promises of Delivery.
const (
	AtMostOnce  = message.AtMostOnce  // it is held as in_doubt
	AtLeastOnce = message.AtLeastOnce // it is sent again
)

// The two types of Account.
const (
	Official    = message.Official    // sends template, bizsend, onetime
	MiniProgram = message.MiniProgram // sends wxopen, uniform, subscribe
)

// The types of permit.
const (
	FormPermit    = message.FormPermit    // a submitted form: 1 message, 7 days
	PaymentPermit = message.PaymentPermit // a payment: 3 messages, 7 days
	ConsentPermit = message.ConsentPermit // a subscription: counted per template, no end
)

// The states of a message. Queued, Sending and Waiting are under way; all others
// are final.
const (
	Queued      = message.Queued      // taken; no attempt yet
	Sending     = message.Sending     // a worker holds it and may be calling WeChat
	Waiting     = message.Waiting     // put off
	Accepted    = message.Accepted    // WeChat took it
	Delivered   = message.Delivered   // WeChat's receipt: it reached the user
	Undelivered = message.Undelivered // WeChat's receipt: it did not
	Refused     = message.Refused     // WeChat will not take it, ever
	Failed      = message.Failed      // attempts used up, or dropped by a person
	InDoubt     = message.InDoubt     // sent perhaps; Resolve ends it
	Expired     = message.Expired     // its time was over before it could be sent
	Suppressed  = message.Suppressed  // the user wants no such message
	Cancelled   = message.Cancelled   // stopped by a person or the app

	// EndedUnpermitted stands beside the class Unpermitted, which Send answers.
	EndedUnpermitted = message.Unpermitted // no permit was left when it was to be sent
)

// The ways to Resolve a doubt.
const (
	Sent   = ledger.Sent   // it arrived: accepted
	Resend = ledger.Resend // it did not: send it again, in the same life
	Drop   = ledger.Drop   // leave it: failed
)

// The classes of an Error.
const (
	Invalid     = fault.Invalid     // the message is wrong; Fields says where
	NotFound    = fault.NotFound    // no such account or message, or its content is no longer kept
	Unpermitted = fault.Unpermitted // no permit is left for this user
	Unwanted    = fault.Suppressed  // the user wants no such message
	Conflict    = fault.Conflict    // the id belongs to other content, or the message's state does not allow it
	Denied      = fault.Denied      // over HTTP: the key is not known, or not for this call or account
	Parked      = fault.Parked      // this template takes nothing now
	Unavailable = fault.Unavailable // Redis, or over HTTP the server, is away: try again after RetryAfter
)
