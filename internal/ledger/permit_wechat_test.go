package ledger_test

import (
	"fmt"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
)

func milli(ms int64) time.Time { return time.UnixMilli(ms) }

// countingWeChat is WeChat as far as permits go. It knows of each what was
// handed out, and counts what it sends by itself.
type countingWeChat struct {
	papers   map[string]*issued // by code
	consents map[string]*issued // by openid
}

type issued struct {
	uses    int   // still good for
	granted int   // ever
	counted int   // sends
	at      int64 // when it was handed out, ms
	blocked bool
}

func newCountingWeChat() *countingWeChat {
	return &countingWeChat{papers: map[string]*issued{}, consents: map[string]*issued{}}
}

// mischief is what happens to a call beside WeChat's own word.
type mischief string

const (
	plain      mischief = ""
	busy       mischief = "busy"            // -1: not counted
	gone       mischief = "40003"           // the user cannot be reached
	blocks     mischief = "41031"           // WeChat blocks the permit
	unsent     mischief = "unsent"          // not a byte was written
	lostBefore mischief = "lost, unsent"    // unanswered; WeChat never saw it
	lostAfter  mischief = "lost, counted"   // unanswered; WeChat saw it
	diesBefore mischief = "dies before"     // the worker, before the call
	diesAfter  mischief = "dies after"      // the worker, after the call
	tooLate    mischief = "leave too late"  // the run gives back
	revokes    mischief = "user revokes"    // consents: the user says no for good
	swift      mischief = "41028, young"    // WeChat does not know a young payment yet
	mistaken   mischief = "41028 for a use" // WeChat takes a permit for wrong
)

// send is one call, and whether it was counted. Nobody hears the answer of a run
// that died.
func (w *countingWeChat) send(m *message.Message, held message.Held, how mischief, now int64) (answer message.Answer, counted bool) {
	switch how {
	case diesBefore, lostBefore:
		return message.Answer{Class: fault.Unanswered}, false
	case unsent, tooLate:
		return message.Answer{Class: fault.Unsent}, false
	case busy:
		return coded(-1), false
	case gone:
		return coded(40003), false
	}
	answer = coded(w.judge(m, held, how, now))
	counted = answer.Code == 0
	if how == lostAfter || how == diesAfter {
		answer = message.Answer{Class: fault.Unanswered}
	}
	return answer, counted
}

func (w *countingWeChat) judge(m *message.Message, held message.Held, how mischief, now int64) int {
	if m.Kind == message.Subscribe {
		c := w.consents[m.Body.Recipient()]
		if how == revokes {
			c.uses = 0
		}
		if c.uses == 0 {
			return 43101
		}
		c.count()
		return 0
	}
	p := w.papers[held.Code]
	switch over := p.at + permit.Life.Milliseconds(); {
	case how == blocks:
		p.blocked = true
		return 41031
	case how == mistaken:
		p.blocked = true
		return 41028
	case p.blocked || now >= over || how == swift && now-p.at < 10_000:
		return 41028
	case p.uses == 0:
		return 41029
	}
	p.count()
	return 0
}

func (i *issued) count() {
	i.uses--
	i.counted++
}

// lawful holds the ledger's books of all users against WeChat's own count.
func (g *permitGame) lawful() error {
	now := g.now()
	for openid, p := range g.purses {
		for _, paper := range p.papers {
			if err := g.balance(openid, paper.Code, g.wechat.papers[paper.Code], paper.Left, permit.Uses(paper.Type), paper.Alive(milli(now))); err != nil {
				return err
			}
		}
		if g.policy.Enforce {
			c := g.wechat.consents[openid]
			if err := g.balance(openid, "consent", c, p.consents, c.granted, p.generation == 0 && !g.taken[openid]); err != nil {
				return err
			}
		}
	}
	return nil
}

// balance: what WeChat counted and what is left are never more than was
// granted, the uses that messages hold and WeChat has not seen included; and
// each use of an alive permit that is not left is somebody's.
func (g *permitGame) balance(openid, code string, w *issued, left, granted int, alive bool) error {
	held, doubted := 0, 0
	for _, m := range g.models {
		if m.purse != g.purses[openid] {
			continue
		}
		holds := m.hold != nil && (m.hold.code == code || m.hold.how == 'c' && code == "consent" && m.hold.generation == m.purse.generation)
		if holds && !m.hold.spent && !m.hold.counted {
			held++
		}
	}
	for key, n := range g.doubted {
		if key.openid == openid && key.code == code {
			doubted += n
		}
	}
	if w.counted+left+held > granted {
		return fmt.Errorf("%s of %s: WeChat counted %d, %d are left and %d held, of %d granted", code, openid, w.counted, left, held, granted)
	}
	if alive && w.counted+left+held+doubted < granted {
		return fmt.Errorf("%s of %s leaks: WeChat counted %d, %d are left, %d held, %d in doubt, of %d granted", code, openid, w.counted, left, held, doubted, granted)
	}
	return nil
}
