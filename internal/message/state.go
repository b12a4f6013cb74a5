package message

// State is where a message stands. A life of a message ends in exactly one
// final state.
type State string

// The states. Queued, Sending and Waiting are under way; all others are final.
const (
	Queued      State = "queued"      // taken; asynq holds it; no attempt yet
	Sending     State = "sending"     // a run holds it and may be calling WeChat
	Waiting     State = "waiting"     // put off: busy, minute, daily, token, parked
	Accepted    State = "accepted"    // WeChat took it
	Delivered   State = "delivered"   // WeChat's receipt: it reached the user
	Undelivered State = "undelivered" // WeChat's receipt: it did not
	Refused     State = "refused"     // WeChat will not take it, ever
	Failed      State = "failed"      // attempts used up, or dropped by a person
	InDoubt     State = "in_doubt"    // sent perhaps; repeating could double it
	Expired     State = "expired"     // its time was over before it could be sent
	Unpermitted State = "unpermitted" // no permit was left
	Suppressed  State = "suppressed"  // the user wants no such message
	Cancelled   State = "cancelled"   // stopped by a person or the app
)

// States returns all states in the order of a message's way.
func States() []State {
	return []State{Queued, Sending, Waiting, Accepted, Delivered, Undelivered, Refused,
		Failed, InDoubt, Expired, Unpermitted, Suppressed, Cancelled}
}

// Final tells whether a life has ended in s. Accepted may still become
// Delivered or Undelivered, and a person may end InDoubt.
func (s State) Final() bool {
	switch s {
	case Queued, Sending, Waiting, "":
		return false
	}
	return true
}

// Good tells whether s is an end that nobody needs to look at.
func (s State) Good() bool { return s == Accepted || s == Delivered }

// Bad tells whether s is an end that somebody may want to look at or send
// again: final, neither good nor wished for.
func (s State) Bad() bool { return s.Final() && !s.Good() && s != Cancelled }
