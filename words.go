package wxdispatch

import (
	"wxdispatch/internal/fault"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/message"
	"wxdispatch/internal/registry"
)

// The words of wxdispatch that an app meets.
type (
	Message = message.Message  // one send to one user; Decode makes it
	Result  = intake.Result    // what became of one Send
	Record  = message.Record   // what is known of a message, with its history
	State   = message.State    // where a message stands
	Account = registry.Account // name, type and appid
	Error   = fault.Error      // every error of this package; read it with errors.As
	Class   = fault.Class      // what an Error means
)

// The two types of Account.
const (
	Official    = message.Official    // sends template, bizsend, onetime
	MiniProgram = message.MiniProgram // sends wxopen, uniform, subscribe
)

// The classes of an Error.
const (
	Invalid     = fault.Invalid     // the message is wrong; Fields says where
	NotFound    = fault.NotFound    // no such account or message
	Unpermitted = fault.Unpermitted // no permit is left for this user
	Conflict    = fault.Conflict    // the id belongs to other content
	Unavailable = fault.Unavailable // Redis is away
)
