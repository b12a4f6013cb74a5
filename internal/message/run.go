package message

import (
	"time"

	"wxdispatch/internal/fault"
)

// Job is a message as a queue holds it.
type Job struct {
	Message *Message
	Created time.Time // when intake took it, millisecond precision
}

// Always and Never are the two ends of Attempt.Resend.
const (
	Always time.Duration = -1 // resending is harmless for ever
	Never  time.Duration = 0  // resending is never harmless
)

// Attempt is a run's question to the ledger: may I send this message now?
type Attempt struct {
	Run         string        // names the handler's go at it; the same run again gets the same answer
	Message     *Message      // what to send
	Created     time.Time     // when intake took it
	Deadline    time.Time     // when it expires; zero: never
	Window      time.Duration // the longest that the send may take; after it the run counts as dead
	Resend      time.Duration // how long after its first unanswered attempt a message may be sent again; Always, Never
	MaxAttempts int           // runs of a life that may die before the message is held as in doubt
	Keep        time.Duration // how long a record lives after its end
	Suppress    string        // why it must not be sent at all, a word; empty: it may
	Need        Need          // the permit that it needs
	ResendForm  time.Duration // as Resend, where a form permit is held
	Quota       *int          // how many of its kind may go today (UTC+8); nil: any number
}

// Decision is what the ledger says to an Attempt.
type Decision string

// The decisions.
const (
	Send     Decision = "send"     // yes: send now, then settle
	PutOff   Decision = "put_off"  // not now: again after Leave.After, uncounted
	Ended    Decision = "ended"    // never: the message is, or just became, final
	Conflict Decision = "conflict" // never: the id belongs to other content
)

// Leave is the ledger's answer to an Attempt.
type Leave struct {
	Decision   Decision
	State      State         // the record's state after the decision
	Reason     string        // why it ended or waits, in a word: expired, unanswered, parked …
	After      time.Duration // PutOff: how long
	Attempt    int           // Send: the number of this attempt in this life, from 1
	Life       int           // the life, from 1
	DoubtFor   time.Duration // Send: age of the first unanswered attempt of this life
	InDoubt    bool          // Send: an earlier attempt of this life is unanswered
	Duplicates int           // Send: how often class duplicate was answered in this life
	Before     bool          // Ended: it had ended before; nothing is new
	Outage     bool          // Send: it tries whether an outage is over
	Permit     Held          // Send: the permit that it is sent with
	Parked     bool          // PutOff: a park holds it, so waiting for it here is in vain
	Proven     bool          // Send: WeChat accepted a message of this template within the last hour
}

// Answer is what one HTTP call to a send interface brought, in our words. A
// network error is never turned into an errcode.
type Answer struct {
	Class   fault.Class   // what it means; Unsent and Unanswered when WeChat did not answer
	Code    int           // WeChat's errcode; 0 is ok, and stands also where there was no answer
	Message string        // WeChat's errmsg without the rid, or what went wrong on the way
	RID     string        // WeChat's request id
	MsgID   string        // WeChat's message id, decimal digits; often empty
	Hold    Hold          // class account: what to park and until when to leave it alone; template: whether that is banned
	Took    time.Duration // from the call's start to its answer
}

// Hold says how far an answer of class account reaches.
type Hold struct {
	Scope Scope         // which kinds stop
	For   time.Duration // leave WeChat alone for so long before the next try; 0: park.probe_interval
}

// Scope is how many of an account's kinds something reaches.
type Scope string

// The scopes.
const (
	ScopeNone     Scope = ""         // this message only
	ScopeTemplate Scope = "template" // its template
	ScopeKind     Scope = "kind"     // the kind that met it
	ScopeAccount  Scope = "account"  // all kinds of the account
)

// Outcome is one way for an attempt to end. A final State ends the life; the
// State Waiting puts the message off.
type Outcome struct {
	State    State
	Reason   string        // a word for people and filters: busy, recipient, attempts …
	After    time.Duration // Waiting: when to come back
	GiveBack bool          // the attempt does not count
}

// Settlement tells the ledger what came of an attempt. The ledger takes Doubt
// instead of Clear when an attempt of this life is unanswered, this one
// included: doubt is sticky.
type Settlement struct {
	Run     string
	Message *Message
	Answer  Answer
	Clear   Outcome
	Doubt   Outcome
	Park    *Park // what stops because of the answer, or nil
	Sign    Sign  // what the answer says of WeChat itself
	Permit  PermitEnd
	Keep    time.Duration
	// Suppress is how long the user gets nothing more of this template, since he
	// switched it off; 0: he did not.
	Suppress time.Duration
	// Banned: the message's template takes nothing from now on, until somebody
	// ends that.
	Banned bool
}

// Sign is what an answer says of WeChat itself. Several bad ones in a row are
// an outage; a good one ends a park that it was let through to try.
type Sign string

// The signs.
const (
	NoSign   Sign = ""
	GoodSign Sign = "good" // it works, whatever it said of this message
	BadSign  Sign = "bad"  // busy, out of reach or silent
)

// Park stops a kind, or all kinds, of an account.
type Park struct {
	Scope  Scope
	Reason string        // minute, daily, account
	For    time.Duration // from now: when to try whether it is over
	Ends   time.Duration // from now: when it is over by itself; 0: nobody knows
}

// Settled is the ledger's answer to a Settlement: where the message stands
// now, which for a late settle may be another run's doing.
type Settled struct {
	State  State
	Reason string
	After  time.Duration // Waiting: when to come back
	Parked bool          // this answer parked what it is of
}

// Next is what the queue is told of a task.
type Next string

// The three things that a queue can do.
const (
	Done  Next = "done"  // take it off the queue
	Again Next = "again" // bring it back after Verdict.After, uncounted
	Stop  Next = "stop"  // archive it, so that operators see it
)

// Verdict is what a handler tells the queue.
type Verdict struct {
	Next   Next
	After  time.Duration // Again
	Parked bool          // Again: nothing of this lane goes for now, so do not wait for it
	State  State         // where the message stands
	Reason string        // Stop and Again: shown in the web UI
}
