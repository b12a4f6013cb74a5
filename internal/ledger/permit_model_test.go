package ledger_test

import (
	"slices"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
)

// purse is what the model knows of one user: forms and payments, and consents
// for the one template of a game.
type purse struct {
	papers     []permit.Permit
	consents   int
	generation int
	events     map[string]bool
}

func (p *purse) paper(code string) *permit.Permit {
	for i := range p.papers {
		if p.papers[i].Code == code {
			return &p.papers[i]
		}
	}
	return nil
}

// hold is the permit that a message has.
type hold struct {
	how        byte // n named, p of the pool, c consent
	kind       message.PermitType
	code       string
	generation int
	spent      bool // WeChat may have counted it
	counted    bool // WeChat did: by its own count, which the ledger does not know
}

// modelMessage is a message with its permit, beside the book's own model of it.
type modelMessage struct {
	*model
	hold   *hold
	purse  *purse
	spends func(*hold) // is told of each use that is spent
}

// spend: WeChat may have counted what is held.
func (m *modelMessage) spend() {
	if m.hold != nil && !m.hold.spent {
		m.hold.spent = true
		m.spends(m.hold)
	}
}

// alive tells whether what is held is good then.
func (p *purse) alive(h *hold, at int64) bool {
	if h.how == 'c' {
		return h.generation == p.generation
	}
	paper := p.paper(h.code)
	return paper != nil && paper.Alive(milli(at))
}

// take makes sure that the message has what it needs at due. A form goes with
// each attempt of a doubt, since WeChat counts it once; of the rest each attempt
// that may count has a use of its own.
func (m *modelMessage) take(need message.Need, due int64) (why string) {
	if need.Want == message.WantNothing {
		return ""
	}
	if h := m.hold; h != nil {
		form, alive := h.kind == message.FormPermit, m.purse.alive(h, due)
		if form && (alive || len(m.open) > 0) || alive && !h.spent {
			return ""
		}
		if !h.spent {
			m.hold = nil
		}
	}
	switch {
	case need.Want == message.WantConsent:
		return m.takeConsent(need)
	case need.Code != "":
		return m.takeNamed(need, due)
	}
	next := permit.Next(m.purse.papers, milli(due))
	if next < 0 {
		return permit.None
	}
	m.use('p', &m.purse.papers[next])
	return ""
}

func (m *modelMessage) takeConsent(need message.Need) string {
	if m.purse.consents == 0 {
		if need.Enforce {
			return permit.Consent
		}
		return ""
	}
	m.purse.consents--
	m.hold = &hold{how: 'c', kind: message.ConsentPermit, generation: m.purse.generation}
	return ""
}

func (m *modelMessage) takeNamed(need message.Need, due int64) string {
	paper := m.purse.paper(need.Code)
	if paper == nil {
		fresh := permit.Permit{Code: need.Code, Type: need.Type, Left: permit.Uses(need.Type), Ends: need.Ends}
		if why := fresh.Refusal(milli(due)); why != "" {
			return why
		}
		m.purse.papers = append(m.purse.papers, fresh)
		paper = m.purse.paper(need.Code)
	}
	if why := paper.Refusal(milli(due)); why != "" {
		return why
	}
	m.use('n', paper)
	return ""
}

func (m *modelMessage) use(how byte, paper *permit.Permit) {
	paper.Left--
	m.hold = &hold{how: how, kind: paper.Type, code: paper.Code}
}

// end is WeChat's word that what was sent with is good for nothing more.
func (p *purse) end(h *hold) {
	if h.how == 'c' {
		if h.generation == p.generation {
			p.consents, p.generation = 0, p.generation+1
		}
	} else if paper := p.paper(h.code); paper != nil {
		paper.Dead, paper.Left = true, 0
	}
}

// part is what the end of a life does to the permit.
func (m *modelMessage) part() {
	h := m.hold
	if h == nil || h.spent || !m.state.Final() {
		return
	}
	switch m.state {
	case message.Accepted, message.Delivered, message.Undelivered, message.InDoubt:
		m.spend()
		return
	}
	if h.how == 'c' {
		if h.generation == m.purse.generation {
			m.purse.consents++
		}
	} else if paper := m.purse.paper(h.code); paper != nil && !paper.Dead && paper.Left < permit.Uses(paper.Type) {
		paper.Left++
	}
	m.hold = nil
}

func (m *modelMessage) reserve(need message.Need, due int64) (known bool, why string) {
	if m.state != "" {
		return true, m.reason
	}
	if why := m.take(need, due); why != "" {
		m.hold = nil
		return false, why
	}
	m.state = message.Queued
	return false, ""
}

func (m *modelMessage) unreserve() bool {
	if m.state != message.Queued {
		return false
	}
	m.state = message.Cancelled
	m.part()
	*m.model = *newModel(m.moved)
	return true
}

func (m *modelMessage) begin(ask message.Attempt, now int64) (message.Decision, string) {
	if m.state.Final() {
		return message.Ended, m.reason
	}
	if m.returned[ask.Run] > now {
		return message.PutOff, "late"
	}
	if _, asked := m.open[ask.Run]; asked || m.state == message.Waiting && m.run == ask.Run {
		return message.PutOff, m.reason
	}
	died := m.state == message.Sending
	if died && m.run == ask.Run {
		return message.Send, ""
	}
	if died && m.until > now {
		return message.PutOff, "sending"
	}
	if died {
		m.open[m.run] = m.started
		m.died++
		m.spend()
	}
	if end, why := m.cannot(ask, died, now); end != "" {
		m.finish(end, why)
		m.part()
		return message.Ended, why
	}
	m.send(ask, died, now)
	return message.Send, ""
}

// cannot tells how and why a message that a run could have ends instead.
func (m *modelMessage) cannot(ask message.Attempt, died bool, now int64) (end message.State, why string) {
	if !ask.Deadline.IsZero() {
		end, why = message.Expired, "expired"
	}
	if m.hold != nil && m.hold.kind == message.FormPermit {
		ask.Resend = ask.ResendForm
	}
	doubt := len(m.open) > 0
	switch {
	case doubt && died && (end != "" || m.tooOld(ask, now) || m.died >= ask.MaxAttempts):
		return message.InDoubt, "worker_died"
	case doubt && (end != "" || m.tooOld(ask, now)):
		return message.InDoubt, "unanswered"
	case end != "":
		return end, why
	}
	if why = m.take(ask.Need, now); why == "" {
		return "", ""
	}
	if doubt {
		return message.InDoubt, why
	}
	return message.Unpermitted, why
}

func (m *modelMessage) settle(s message.Settlement, now int64) {
	current := m.state == message.Sending && m.run == s.Run
	m.model.settle(s, now)
	if current && s.Answer.Class == fault.Unanswered {
		m.spend()
	}
	if current && s.Permit != "" && m.hold != nil {
		m.purse.end(m.hold)
	}
	m.part()
}

func (m *modelMessage) cancel() bool {
	if m.state == message.Queued {
		m.state = ""
	}
	done := m.model.cancel()
	m.part()
	return done
}

func (m *modelMessage) replay(life int, now int64) bool {
	done := m.model.replay(life, now)
	if done {
		m.hold = nil
	}
	return done
}

// left are a user's uses in the order in which they are taken.
func (p *purse) left(now int64) (order []permit.Permit) {
	pool := slices.Clone(p.papers)
	for next := permit.Next(pool, milli(now)); next >= 0; next = permit.Next(pool, milli(now)) {
		order = append(order, pool[next])
		pool = slices.Delete(pool, next, next+1)
	}
	return order
}
