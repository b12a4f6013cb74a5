package ledger_test

import (
	"fmt"

	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
)

// foretell carries a pace out in the model and says what the ledger must have
// answered.
func (g *permitGame) foretell(p permitPace) string {
	m, changed := g.models[p.m], false
	defer func() {
		if len(m.open) > 0 {
			g.unclear[g.life(p.m)] = true
		}
	}()
	switch p.what {
	case "add", "consent", "remove", "refuse":
		return g.foretellGrant(p)
	case "reserve":
		return g.foretellReserve(p.m)
	case "begin":
		decision, why := m.begin(g.attempt(p), g.at)
		return g.leaveText(p, g.foretellLeave(m, decision, why))
	case "settle":
		f := g.flights[g.flightKey(p)]
		if f == nil || f.settled == nil {
			return ""
		}
		m.settle(*f.settled, g.at)
		return fmt.Sprint(m.state, g.reason(p.m, m.reason))
	case "unreserve":
		if m.unreserve() {
			return fmt.Sprint(true, "", "")
		}
	case "cancel":
		changed = m.cancel()
	case "abandon":
		changed = m.abandon(g.at)
	case "resolve":
		changed = m.resolve(p.resolve, "person", g.at)
	case "replay":
		return fmt.Sprint(m.replay(m.life, g.at), m.state)
	case "receipt":
		changed = m.receipt(p.state, "user block")
	case "pass":
		return ""
	}
	m.part()
	return fmt.Sprint(changed, m.state, g.reason(p.m, m.reason))
}

// spends notes a use that is spent without WeChat's having counted it, which
// only a doubt may do.
func (g *permitGame) spends(i int, h *hold) {
	if h.counted {
		return
	}
	code := h.code
	if h.how == 'c' {
		code = "consent"
	}
	if m := g.models[i]; len(m.open) == 0 && !g.unclear[g.life(i)] {
		g.broken = fmt.Errorf("m%d is %s, and %s is spent: WeChat did not count it, and no attempt is unanswered", i, m.state, code)
	}
	g.doubted[doubtedUse{g.messages[i].Body.Recipient(), code}]++
}

func (g *permitGame) foretellLeave(m *modelMessage, decision message.Decision, why string) message.Leave {
	l := message.Leave{Decision: decision, State: m.state, Reason: why, Attempt: m.attempts, Life: m.life, InDoubt: len(m.open) > 0}
	if l.State == "" {
		l.State = message.Queued
	}
	if h := m.hold; h != nil {
		l.Permit = message.Held{Type: h.kind, Code: h.code, Pooled: h.how == 'p', Spent: h.spent}
	}
	return l
}

func (g *permitGame) foretellReserve(i int) string {
	m, due := g.models[i], g.at
	if at := g.messages[i].SendAt; !at.IsZero() {
		due = max(due, at.UnixMilli())
	}
	need := permit.Need(g.messages[i], g.start, g.policy)
	known, why := m.reserve(need, due)
	left := 0
	if why != "" && !known {
		if left = m.purse.consents; need.Want == message.WantPermit {
			left = 0
			for _, paper := range m.purse.left(g.at) {
				left += paper.Left
			}
		}
	}
	return fmt.Sprint(known, !known && why != "", m.state, g.reason(i, why), left)
}

// foretellGrant is what becomes of permits that are added or taken back.
func (g *permitGame) foretellGrant(p permitPace) string {
	grant := g.granting(p)
	u := g.purses[grant.OpenID]
	switch p.what {
	case "consent":
		added := p.event == "" || !u.events[p.event]
		if added {
			u.consents += p.n
			g.wechat.consents[p.user].granted += p.n
			g.wechat.consents[p.user].uses += p.n
		}
		u.events[p.event] = true
		return fmt.Sprintf("[{%v %d}]", added, u.consents)
	case "refuse":
		return g.foretellRefuse(p, u)
	case "add":
		paper, ends := u.paper(grant.Code), permit.Ends(g.grant(p.paper).IssuedAt)
		switch {
		case ends.UnixMilli() <= g.at:
			return "[{false 0}]"
		case paper != nil:
			return fmt.Sprintf("[{false %d}]", paper.Left)
		}
		uses := permit.Uses(grant.Type)
		u.papers = append(u.papers, permit.Permit{Code: grant.Code, Type: grant.Type, Left: uses, Ends: ends})
		return fmt.Sprintf("[{true %d}]", uses)
	}
	paper := u.paper(grant.Code)
	if paper == nil || !paper.Alive(milli(g.at)) {
		return "false 0"
	}
	left := paper.Left
	paper.Dead, paper.Left = true, 0
	return fmt.Sprint(true, " ", left)
}

func (g *permitGame) foretellRefuse(p permitPace, u *purse) string {
	had := u.consents > 0
	g.taken[p.user] = true
	if p.n == 0 {
		u.consents, u.generation = 0, u.generation+1
	} else if had {
		u.consents = max(0, u.consents-p.n)
	}
	return fmt.Sprint(had, " ", u.consents)
}
