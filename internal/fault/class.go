package fault

// Class says what an answer means for the message or the caller. The set is
// closed: it is also the value of the metrics' label class.
type Class string

// What WeChat's errcodes mean; which code has which class is a table in
// internal/wechat.
const (
	OK          Class = "ok"          // accepted
	Token       Class = "token"       // the access_token is not valid: refresh it and send once more at once
	Busy        Class = "busy"        // WeChat has no time now: again after a delay, counted
	Minute      Class = "minute"      // calls per minute exceeded: not before the next minute, not counted
	Daily       Class = "daily"       // the day's quota is used up: not before 00:00 UTC+8, not counted
	Concurrency Class = "concurrency" // two sends to one user at once: again soon, not counted
	Duplicate   Class = "duplicate"   // WeChat has seen this message already
	Recipient   Class = "recipient"   // this user cannot or will not be reached
	Permit      Class = "permit"      // the form_id or prepay_id is not good
	Payload     Class = "payload"     // WeChat does not take this body
	Template    Class = "template"    // the template or its content is banned
	Account     Class = "account"     // the account may not send now
	Gone        Class = "gone"        // the interface was withdrawn
	Caller      Class = "caller"      // a fault of this program
	Unknown     Class = "unknown"     // a code that no table names
)

// What became of an HTTP call that brought no answer of WeChat's.
const (
	Unsent     Class = "unsent"     // surely not one byte of the request was written
	Unanswered Class = "unanswered" // the request was written, no answer was understood: the outcome is not known
)

// What a producer or an operator is told.
const (
	Invalid     Class = "invalid"     // the input is wrong; Fields says where
	Conflict    Class = "conflict"    // the id belongs to other content
	Unpermitted Class = "unpermitted" // no permit is left
	Suppressed  Class = "suppressed"  // the user wants no such message
	Parked      Class = "parked"      // this template or lane takes nothing now
	NotFound    Class = "not_found"   // no such record, account or task
	Denied      Class = "denied"      // over HTTP: the key is not known, or not for this
	Unavailable Class = "unavailable" // Redis, or what else we stand on, is away
)
