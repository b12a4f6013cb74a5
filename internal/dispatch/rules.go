package dispatch

import (
	"slices"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
)

// clientMsgIDLasts is how long a client_msg_id is trusted to keep a message
// from being sent twice: WeChat knows it for 10 minutes; one is margin for the
// way.
const clientMsgIDLasts = 9 * time.Minute

// codeSwitchedOff is WeChat's errcode for a user who does not want the template.
const codeSwitchedOff = 43101

// Rules are an account's settings as far as a message's way depends on them.
type Rules struct {
	Delivery      message.Delivery // for messages that say nothing
	MaxAttempts   int              // counted attempts before a message has failed
	MinDelay      time.Duration    // first delay after a busy answer
	MaxDelay      time.Duration    // longest delay after a busy answer
	MaxAge        time.Duration    // a message's greatest age; 0: none
	Keep          time.Duration    // a record's life from its end
	CallTimeout   time.Duration    // of one HTTP call
	ProbeInterval time.Duration    // how soon a refused account or used-up quota is tried again
	OnlyTo        []string         // when set, no other openid is sent to (staging)
	Consents      permit.Policy    // what subscription messages need
	SuppressFor   time.Duration    // after 43101 on kind template; 0: not at all
	// Quiet tells until when batches hold, zero when they go; nil: they go. It is
	// the account's quiet_hours.
	Quiet func(now time.Time) time.Time
}

// holds tells for how long a message is held by the quiet hours: those of
// batches are, single ones go.
func (r Rules) holds(m *message.Message, now time.Time) time.Duration {
	if m.Batch == "" || r.Quiet == nil {
		return 0
	}
	if until := r.Quiet(now); until.After(now) {
		return until.Sub(now)
	}
	return 0
}

// Window is the longest that a run may hold a message: two calls (the second
// after class token), the slot between them, and both writes.
func (r Rules) Window() time.Duration { return 2*r.CallTimeout + 5*time.Second }

// suppress says why a message must not be sent at all, or "".
func (r Rules) suppress(m *message.Message) string {
	if len(r.OnlyTo) > 0 && !slices.Contains(r.OnlyTo, m.Body.Recipient()) {
		return "only_to"
	}
	return ""
}

// switchedOff tells how long a user gets nothing more of a template, since he
// switched it off: WeChat's 43101 on kind template says so. On the subscription
// kinds it says that no consent is left, which is the permit's business.
func (r Rules) switchedOff(m *message.Message, answer message.Answer) time.Duration {
	if m.Kind == message.Template && answer.Code == codeSwitchedOff {
		return r.SuppressFor
	}
	return 0
}

// resend tells how long a message whose outcome is unknown, sent with a permit
// of that type, may be sent again without doubling it: what DESIGN's table "In
// doubt" says.
func (r Rules) resend(m *message.Message, held message.PermitType) time.Duration {
	delivery := m.Delivery
	if delivery == "" {
		delivery = r.Delivery
	}
	switch {
	case delivery == message.AtLeastOnce:
		return message.Always
	case m.Kind == message.Template:
		return clientMsgIDLasts
	case m.Kind == message.WXOpen && held == message.FormPermit:
		return message.Always // 41029 tells that the first one counted
	}
	return message.Never
}
