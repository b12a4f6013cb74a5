package ledger_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

// word is what an attempt may have brought, as dispatch settles it: with a
// resend that is harmless, or with one that is not.
type word struct {
	name         string
	class        fault.Class
	sign         message.Sign
	clear, doubt message.Outcome
	park         *message.Park
}

var (
	failedOutcome    = message.Outcome{State: message.Failed, Reason: "attempts"}
	usedUpOutcome    = message.Outcome{State: message.InDoubt, Reason: "attempts"}
	givenBack        = message.Outcome{State: message.Waiting, Reason: "late", GiveBack: true}
	parkedOutcome    = message.Outcome{State: message.Waiting, Reason: "daily", After: time.Minute, GiveBack: true}
	duplicateRefusal = message.Outcome{State: message.Refused, Reason: "duplicate"}
)

var words = []word{
	{"ok", fault.OK, message.GoodSign, acceptedOutcome, acceptedOutcome, nil},
	{"refused", fault.Recipient, message.GoodSign, refusedOutcome, doubtOutcome, nil},
	{"form used", fault.Permit, message.GoodSign, refusedOutcome, acceptedOutcome, nil},
	{"busy", fault.Busy, message.BadSign, waitingOutcome, waitingOutcome, nil},
	{"busy, used up", fault.Busy, message.BadSign, failedOutcome, usedUpOutcome, nil},
	{"unanswered, again", fault.Unanswered, message.BadSign, waitingOutcome, waitingOutcome, nil},
	{"unanswered", fault.Unanswered, message.BadSign, doubtOutcome, doubtOutcome, nil},
	{"duplicate", fault.Duplicate, message.GoodSign, waitingOutcome, acceptedOutcome, nil},
	{"duplicate again", fault.Duplicate, message.GoodSign, duplicateRefusal, acceptedOutcome, nil},
	{"given back", fault.Unsent, message.NoSign, givenBack, givenBack, nil},
	{"day over", fault.Daily, message.NoSign, parkedOutcome, parkedOutcome,
		&message.Park{Scope: message.ScopeKind, Reason: "daily", For: time.Hour}},
	{"account held", fault.Account, message.NoSign, parkedOutcome, parkedOutcome,
		&message.Park{Scope: message.ScopeAccount, Reason: "account"}},
}

// pace is one thing that happens to a message.
type pace struct {
	what   string // begin, settle, cancel, abandon, resolve, replay, receipt, unpark, pass
	run    string
	word   word
	ask    message.Attempt
	how    ledger.Resolution
	state  message.State
	life   int
	passes time.Duration
}

func (p pace) String() string {
	switch p.what {
	case "begin":
		return fmt.Sprintf("begin %s, window %v, resend %v, expired %v", p.run, p.ask.Window, p.ask.Resend, !p.ask.Deadline.IsZero())
	case "settle":
		return fmt.Sprintf("settle %s: %s", p.run, p.word.name)
	case "resolve":
		return "resolve " + string(p.how)
	case "replay":
		return fmt.Sprint("replay life ", p.life)
	case "receipt":
		return "receipt " + string(p.state)
	case "pass":
		return fmt.Sprint("pass ", p.passes)
	}
	return p.what
}

// randomPaces draws a sequence. Few runs, so that the same one comes again, is
// taken over and speaks late; every other settle is by the latest.
func randomPaces(r *rand.Rand, length int) []pace {
	paces, latest := make([]pace, length), ""
	for i := range paces {
		p := randomPace(r)
		if p.what == "begin" {
			latest = p.run
		} else if r.IntN(2) == 0 {
			p.run = cmp.Or(latest, p.run)
		}
		paces[i] = p
	}
	return paces
}

func randomPace(r *rand.Rand) pace {
	p := pace{run: fmt.Sprint("r", r.IntN(6))}
	switch n := r.IntN(100); {
	case n < 32:
		p.what, p.ask = "begin", randomAsk(r)
	case n < 70:
		p.what, p.word = "settle", words[r.IntN(len(words))]
	case n < 72:
		p.what = "cancel"
	case n < 74:
		p.what = "abandon"
	case n < 82:
		p.what, p.how = "resolve", pick(r, ledger.Sent, ledger.Resend, ledger.Resend, ledger.Drop)
	case n < 91:
		p.what, p.life = "replay", 1+r.IntN(3)
	case n < 94:
		p.what, p.state = "receipt", pick(r, message.Delivered, message.Undelivered)
	case n < 98:
		p.what = "unpark"
	default:
		p.what, p.passes = "pass", pick(r, time.Minute, 2*time.Hour)
	}
	return p
}

func randomAsk(r *rand.Rand) message.Attempt {
	ask := message.Attempt{
		Window:      pick(r, 0, 0, 0, time.Hour),
		Resend:      pick(r, message.Always, message.Always, message.Never, time.Hour),
		MaxAttempts: pick(r, 3, 9),
	}
	if r.IntN(25) == 0 {
		ask.Deadline = time.UnixMilli(1)
	}
	return ask
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// answer is what the ledger, or the model, says to a pace.
type answer struct {
	Decision            message.Decision
	State               message.State
	Reason              string
	Attempt, Life, Dups int
	InDoubt, Changed    bool
}

// play carries a pace out at the ledger.
func (g *game) play(p pace) (answer, error) {
	ctx, account, id := context.Background(), g.m.Account, g.m.ID
	var c ledger.Change
	var err error
	switch p.what {
	case "begin":
		leave, err := g.ledger.Begin(ctx, g.attempt(p))
		return answer{Decision: leave.Decision, State: leave.State, Reason: leave.Reason, Attempt: leave.Attempt,
			Life: leave.Life, InDoubt: leave.InDoubt, Dups: leave.Duplicates}, err
	case "settle":
		settled, err := g.ledger.Settle(ctx, g.settlement(p))
		return answer{State: settled.State, Reason: settled.Reason}, err
	case "cancel":
		c, err = g.ledger.Cancel(ctx, message.Job{Message: g.m, Created: g.created}, time.Time{}, keep)
	case "abandon":
		c, err = g.ledger.Abandon(ctx, account, id, keep)
	case "resolve":
		c, err = g.ledger.Resolve(ctx, account, id, p.how, "person", keep)
	case "replay":
		c, err = g.ledger.Replay(ctx, account, id, p.life, time.UnixMilli(g.now).Add(24*time.Hour))
		c.Reason = "" // it carries the life there
	case "receipt":
		c, err = g.ledger.Receipt(ctx, account, id, p.state, "user block", g.created, keep)
	case "unpark":
		return answer{}, g.client.HDel(ctx, g.key("park"), scopes...).Err()
	case "pass":
		g.pass(p.passes)
		return answer{}, nil
	}
	return answer{Changed: c.Changed, State: c.State, Reason: c.Reason}, err
}

// foretell is what the model says to a pace.
func (g *game) foretell(p pace) answer {
	m, now, changed := g.model, g.now, false
	switch p.what {
	case "begin":
		decision, why := m.begin(g.attempt(p), now)
		a := answer{Decision: decision, State: m.state, Reason: why, Attempt: m.attempts, Life: m.life,
			InDoubt: len(m.open) > 0, Dups: m.duplicates}
		if a.State == "" {
			a.State = message.Queued
		}
		return a
	case "settle":
		m.settle(g.settlement(p), now)
		return answer{State: m.state, Reason: m.reason}
	case "cancel":
		changed = m.cancel()
	case "abandon":
		changed = m.abandon(now)
	case "resolve":
		changed = m.resolve(p.how, "person", now)
	case "replay":
		return answer{Changed: m.replay(p.life, now), State: m.state}
	case "receipt":
		changed = m.receipt(p.state, "user block")
	case "unpark":
		clear(m.parks)
		return answer{}
	case "pass":
		return answer{}
	}
	return answer{Changed: changed, State: m.state, Reason: m.reason}
}

func (g *game) attempt(p pace) message.Attempt {
	a := p.ask
	a.Run, a.Message, a.Created, a.Keep = p.run, g.m, g.created, keep
	return a
}

func (g *game) settlement(p pace) message.Settlement {
	return message.Settlement{Run: p.run, Message: g.m, Answer: message.Answer{Class: p.word.class},
		Clear: p.word.clear, Doubt: p.word.doubt, Park: p.word.park, Sign: p.word.sign, Keep: keep}
}
