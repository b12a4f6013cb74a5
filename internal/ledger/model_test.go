package ledger_test

import (
	"math"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

// model is what the design says of one message of an account, in plain Go. The
// ledger must agree with it after every step. Times are milliseconds.
type model struct {
	state                            message.State
	reason                           string
	life, attempts, died, duplicates int
	run                              string           // of the latest attempt
	started, until                   int64            // its start; how long it holds the message
	due                              int64            // while waiting
	open                             map[string]int64 // unanswered attempts of this life → start
	returned                         map[string]int64 // runs that gave back before they began → until when that counts
	moved                            bool             // time passes by a clock that the game moves, not by itself
	parks                            map[string]modelPark
	bad                              int             // bad signs in a row
	events                           []message.State // what the stream was told
}

type modelPark struct {
	until, since int64
	tries        int
	reason       string
}

func newModel(moved bool) *model {
	return &model{life: 1, moved: moved, open: map[string]int64{}, returned: map[string]int64{}, parks: map[string]modelPark{}}
}

// scopes are the parks that reach the model's message.
var scopes = []string{"*", string(message.Template)}

func (m *model) held(now int64) (left int64, reason string) {
	for _, scope := range scopes {
		if p, parked := m.parks[scope]; parked && p.until > now {
			return min(p.until-now, 5000), p.reason // who is taken meanwhile was under way
		}
	}
	return 0, ""
}

// begin answers the decision and why.
func (m *model) begin(ask message.Attempt, now int64) (message.Decision, string) {
	if m.state.Final() {
		return message.Ended, m.reason
	}
	if m.returned[ask.Run] > now {
		return message.PutOff, "late"
	}
	if _, asked := m.open[ask.Run]; asked || (m.state == message.Waiting && m.run == ask.Run) {
		return message.PutOff, m.reason
	}
	died := m.state == message.Sending
	if died && m.run == ask.Run {
		return message.Send, ""
	}
	if died && m.until > now {
		return message.PutOff, "sending"
	}
	left, why := m.held(now)
	expired := !ask.Deadline.IsZero() && now >= ask.Deadline.UnixMilli()
	if left > 0 && !died && !expired {
		return message.PutOff, why
	}
	if died {
		m.open[m.run] = m.started
		m.died++
	}
	switch {
	case len(m.open) > 0 && (m.tooOld(ask, now) || expired || died && m.died >= ask.MaxAttempts):
		reason := "unanswered"
		if died {
			reason = "worker_died"
		}
		m.finish(message.InDoubt, reason)
		return message.Ended, m.reason
	case expired:
		m.finish(message.Expired, "expired")
		return message.Ended, m.reason
	case left > 0:
		m.wait(why, now+left)
		return message.PutOff, why
	}
	m.send(ask, died, now)
	return message.Send, ""
}

func (m *model) send(ask message.Attempt, died bool, now int64) {
	window := ask.Window.Milliseconds()
	for _, scope := range scopes {
		if p, parked := m.parks[scope]; parked {
			p.until = now + window
			m.parks[scope] = p
		}
	}
	if !died {
		m.attempts++
	}
	m.state, m.reason, m.run, m.started, m.until = message.Sending, "", ask.Run, now, now+window
}

func (m *model) tooOld(ask message.Attempt, now int64) bool {
	first := now
	for _, at := range m.open {
		first = min(first, at)
	}
	return ask.Resend == message.Never || ask.Resend > 0 && now-first >= ask.Resend.Milliseconds()
}

func (m *model) settle(s message.Settlement, now int64) {
	silent := s.Answer.Class == fault.Unanswered
	if m.state != message.Sending || m.run != s.Run {
		_, mine := m.open[s.Run]
		if !mine && s.Clear.GiveBack {
			m.returned[s.Run] = math.MaxInt64
			if m.moved {
				m.returned[s.Run] = now + 5*60_000
			}
		}
		if !mine || silent {
			return
		}
		delete(m.open, s.Run)
		if s.Clear.State == message.Accepted {
			m.finish(message.Accepted, "")
		}
		return
	}
	outage := m.signs(s, now)
	if silent {
		m.open[s.Run] = m.started
	}
	outcome := s.Clear
	if len(m.open) > 0 {
		outcome = s.Doubt
	}
	if outage {
		outcome.GiveBack = true
		if outcome.State == message.Failed || outcome.State == message.InDoubt && outcome.Reason == "attempts" {
			outcome.State, outcome.Reason = message.Waiting, "outage"
		}
	}
	if s.Answer.Class == fault.Duplicate {
		m.duplicates++
	}
	if outcome.State != message.Waiting {
		m.finish(outcome.State, outcome.Reason)
		return
	}
	if outcome.GiveBack {
		m.attempts--
	}
	m.wait(outcome.Reason, now+outcome.After.Milliseconds())
}

// signs is what an attempt says of WeChat; true: it ran into an outage.
func (m *model) signs(s message.Settlement, now int64) bool {
	kind := string(message.Template)
	switch {
	case s.Park != nil:
		scope := "*"
		if s.Park.Scope == message.ScopeKind {
			scope = kind
		}
		m.parks[scope] = modelPark{now + s.Park.For.Milliseconds(), now, 0, s.Park.Reason}
	case s.Sign == message.GoodSign:
		m.bad = 0
		for _, scope := range scopes {
			if p, parked := m.parks[scope]; parked && m.started > p.since {
				delete(m.parks, scope)
			}
		}
	case s.Sign == message.BadSign:
		m.bad++
		if m.bad < 10 {
			return false
		}
		p, parked := m.parks[kind]
		if parked && (p.reason != "outage" || m.started <= p.since) {
			return true
		}
		wait := min(int64(10_000)<<min(p.tries, 10), 60_000)
		m.parks[kind] = modelPark{now + wait, now, p.tries + 1, "outage"}
		return true
	}
	return false
}

func (m *model) finish(state message.State, reason string) {
	m.state, m.reason, m.run = state, reason, ""
	m.events = append(m.events, state)
	if state != message.InDoubt {
		clear(m.open)
	}
}

func (m *model) wait(reason string, due int64) {
	m.state, m.reason, m.due = message.Waiting, reason, due
}

func (m *model) cancel() bool {
	if m.state != "" && m.state != message.Waiting {
		return false
	}
	m.giveUp("cancelled")
	return true
}

func (m *model) abandon(now int64) bool {
	if m.state == "" || m.state.Final() || m.state == message.Sending && now < m.until {
		return false
	}
	if m.state == message.Sending {
		m.open[m.run] = m.started
	}
	m.giveUp("task_gone")
	return true
}

func (m *model) giveUp(reason string) {
	state := message.Cancelled
	if len(m.open) > 0 {
		state = message.InDoubt
	}
	m.finish(state, reason)
}

func (m *model) resolve(how ledger.Resolution, by string, now int64) bool {
	if m.state != message.InDoubt {
		return false
	}
	switch how {
	case ledger.Sent:
		m.finish(message.Accepted, by)
	case ledger.Drop:
		m.finish(message.Failed, by)
	default:
		clear(m.open)
		m.attempts, m.died, m.duplicates = 0, 0, 0
		m.wait("resend", now)
	}
	return true
}

func (m *model) replay(life int, now int64) bool {
	if !m.state.Final() || quiet(m.state) || m.state == message.InDoubt || life != m.life {
		return false
	}
	m.life++
	m.attempts, m.died, m.duplicates = 0, 0, 0
	m.wait("replay", now)
	return true
}

func (m *model) receipt(state message.State, word string) bool {
	if m.state != message.Accepted && m.state != message.InDoubt {
		return false
	}
	if state == message.Delivered {
		word = ""
	}
	m.finish(state, word)
	return true
}

// quiet are the ends that are in no index.
func quiet(s message.State) bool {
	return s == message.Accepted || s == message.Delivered || s == message.Cancelled
}
