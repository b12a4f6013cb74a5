package ledger_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"time"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
)

// permitPace is one thing that happens in a game. twice: it comes again at once,
// as after an answer that nobody heard, and must change nothing then.
type permitPace struct {
	what    string // add, consent, reserve, begin, settle, cancel, abandon, resolve, replay, receipt, unreserve, remove, refuse, pass
	m       int
	run     string
	paper   int
	user    string
	n       int
	event   string
	how     mischief
	window  time.Duration
	expired bool
	resolve ledger.Resolution
	state   message.State
	passes  time.Duration
	twice   bool
}

func (p permitPace) String() string {
	s := p.what
	switch p.what {
	case "add", "remove":
		s += " " + gamePapers[p.paper].code
	case "consent", "refuse":
		s += fmt.Sprintf(" %s ×%d %s", p.user, p.n, p.event)
	case "pass":
		s += fmt.Sprint(" ", p.passes)
	case "begin":
		s += fmt.Sprintf(" m%d %s, window %v, expired %v, call: %q", p.m, p.run, p.window, p.expired, p.how)
	case "settle":
		s += fmt.Sprintf(" m%d %s", p.m, p.run)
	case "resolve":
		s += fmt.Sprintf(" m%d %s", p.m, p.resolve)
	case "receipt":
		s += fmt.Sprintf(" m%d %s", p.m, p.state)
	default:
		s += fmt.Sprintf(" m%d", p.m)
	}
	if p.twice {
		s += ", twice"
	}
	return s
}

var mischiefs = []mischief{plain, plain, plain, plain, plain, busy, busy, gone, blocks, unsent, lostBefore, lostAfter,
	diesBefore, diesAfter, tooLate, revokes, swift, mistaken}

// randomPermitPaces draws a game of a few of the messages, so that they meet.
func randomPermitPaces(r *rand.Rand, length int) []permitPace {
	order := r.Perm(len(gameMessages))[:5]
	paces, latest := make([]permitPace, length), map[int]string{}
	for i := range paces {
		p := randomPermitPace(r)
		p.m = order[r.IntN(len(order))]
		if p.what == "begin" {
			latest[p.m] = p.run
		} else if run := latest[p.m]; run != "" && r.IntN(4) > 0 {
			p.run = run
		}
		p.run = fmt.Sprintf("m%d-%s", p.m, p.run) // a run is one message's
		paces[i] = p
	}
	return paces
}

func randomPermitPace(r *rand.Rand) permitPace {
	p := permitPace{run: fmt.Sprint("r", r.IntN(5)), twice: r.IntN(3) == 0, paper: r.IntN(len(gamePapers)), user: pick(r, gameUsers...)}
	switch n := r.IntN(100); {
	case n < 8:
		p.what = "add"
	case n < 12:
		p.what, p.n, p.event = "consent", 1+r.IntN(2), pick(r, "", "e1", "e2")
	case n < 24:
		p.what = "reserve"
	case n < 50:
		p.what, p.how = "begin", mischiefs[r.IntN(len(mischiefs))]
		p.window, p.expired = pick(r, 0, time.Hour, time.Hour), r.IntN(25) == 0
	case n < 74:
		p.what = "settle"
	case n < 76:
		p.what = "cancel"
	case n < 79:
		p.what = "abandon"
	case n < 85:
		p.what, p.resolve = "resolve", pick(r, ledger.Sent, ledger.Resend, ledger.Resend, ledger.Drop)
	case n < 89:
		p.what = "replay"
	case n < 91:
		p.what, p.state = "receipt", pick(r, message.Delivered, message.Undelivered)
	case n < 93:
		p.what = "unreserve"
	case n < 95:
		p.what = "remove"
	case n < 96:
		p.what, p.n = "refuse", r.IntN(2)
	default:
		p.what, p.passes = "pass", pick(r, 10*time.Second, time.Minute, 30*time.Minute, time.Hour-time.Minute, time.Hour)
	}
	return p
}

// step plays one pace at the ledger and in the model, and compares.
func (g *permitGame) step(p permitPace) error {
	ctx := context.Background()
	if g.clock != nil {
		g.clock.SetTime(time.UnixMilli(g.at + 1)) // so that no two steps share a time
	}
	if err := g.tick(ctx); err != nil {
		return err
	}
	got, err := g.play(ctx, p)
	if err != nil {
		return err
	}
	if want := g.foretell(p); got != want {
		return fmt.Errorf("the ledger answers\n  %s\nthe model\n  %s", got, want)
	}
	if p.what == "begin" {
		g.call(p, g.leave)
	}
	if g.broken != nil {
		return g.broken
	}
	after, err := g.look(ctx)
	if err != nil {
		return err
	}
	if err := g.compare(after); err != nil {
		return err
	}
	if err := g.lawful(); err != nil {
		return err
	}
	if err := g.standing(ctx); err != nil {
		return err
	}
	if p.twice && !p.addsUp() {
		return g.again(ctx, p, after)
	}
	return nil
}

// addsUp: twice is meant twice.
func (p permitPace) addsUp() bool {
	return p.what == "pass" || p.what == "consent" && p.event == "" || p.what == "refuse"
}

// again repeats a pace, which must change nothing.
func (g *permitGame) again(ctx context.Context, p permitPace, before permitSight) error {
	g.told = nil
	if _, err := g.play(ctx, p); err != nil {
		return err
	}
	if p.what == "settle" {
		g.foretell(p) // a give-back that comes again leaves its mark, which no sight shows
	}
	after, err := g.look(ctx)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(before, after) {
		return fmt.Errorf("the same again changes what stands in Redis:\n  %v\n  %v", before, after)
	}
	if len(g.told) > 0 {
		return fmt.Errorf("the same again changes nothing, and Counting is told %v", g.told)
	}
	return nil
}

// standing: the ledger lists what is left in the order in which it is taken.
func (g *permitGame) standing(ctx context.Context) error {
	for user, p := range g.purses {
		standing, err := g.ledger.Permits(ctx, g.account, user)
		if err != nil {
			return err
		}
		var got, want []string
		for _, s := range standing {
			got = append(got, fmt.Sprint(s.Type, s.Code, s.Template, s.Left))
		}
		for _, paper := range p.left(g.at) {
			want = append(want, fmt.Sprint(paper.Type, paper.Code, paper.Left))
		}
		if p.consents > 0 {
			want = append(want, fmt.Sprint(message.ConsentPermit, "tpl", p.consents))
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			return fmt.Errorf("left to %s: the ledger lists %v, the model %v", user, got, want)
		}
	}
	return nil
}

func (g *permitGame) flightKey(p permitPace) string { return fmt.Sprint(p.m, p.run) }

func (g *permitGame) attempt(p permitPace) message.Attempt {
	m := g.messages[p.m]
	ask := message.Attempt{Run: p.run, Message: m, Created: g.start, Window: p.window, MaxAttempts: 3, Keep: keep,
		Resend: resendOf(m, ""), ResendForm: resendOf(m, message.FormPermit), Need: permit.Need(m, g.start, g.policy)}
	if p.expired {
		ask.Deadline = time.UnixMilli(1)
	}
	return ask
}

// play carries a pace out at the ledger.
func (g *permitGame) play(ctx context.Context, p permitPace) (string, error) {
	m := g.real(p.m)
	need := permit.Need(m, g.start, g.policy)
	var c ledger.Change
	var err error
	switch p.what {
	case "add", "consent":
		granted, err := g.ledger.AddPermits(ctx, g.account, []permit.Grant{g.granting(p)})
		return fmt.Sprint(granted), err
	case "remove", "refuse":
		removed, left, err := g.ledger.RemovePermit(ctx, g.account, g.granting(p))
		return fmt.Sprint(removed, " ", left), err
	case "reserve":
		res, err := g.ledger.Reserve(ctx, message.Job{Message: m, Created: g.start}, need, time.Time{}, keep)
		return fmt.Sprint(res.Known, res.Refused(), res.State, g.reason(p.m, res.Reason), res.Left), err
	case "unreserve":
		c, err = g.ledger.Unreserve(ctx, message.Job{Message: m, Created: g.start})
	case "begin":
		ask := g.attempt(p)
		ask.Message, ask.Need = m, need
		leave, err := g.ledger.Begin(ctx, ask)
		g.leave = leave
		return g.leaveText(p, leave), err
	case "settle":
		f := g.flights[g.flightKey(p)]
		if f == nil || f.how == diesBefore || f.how == diesAfter {
			return "", nil
		}
		settled, err := g.ledger.Settle(ctx, g.settlement(p, f))
		return fmt.Sprint(settled.State, g.reason(p.m, settled.Reason)), err
	case "cancel":
		c, err = g.ledger.Cancel(ctx, message.Job{Message: m, Created: g.start}, time.Time{}, keep)
	case "abandon":
		c, err = g.ledger.Abandon(ctx, g.account, m.ID, keep)
	case "resolve":
		c, err = g.ledger.Resolve(ctx, g.account, m.ID, p.resolve, "person", keep)
	case "replay":
		c, err = g.ledger.Replay(ctx, g.account, m.ID, g.models[p.m].life, time.Now().Add(keep))
		return fmt.Sprint(c.Changed, c.State), err
	case "receipt":
		c, err = g.ledger.Receipt(ctx, g.account, m.ID, p.state, "user block", g.start, keep)
	case "pass":
		return "", g.pass(ctx, p.passes)
	}
	return fmt.Sprint(c.Changed, c.State, g.reason(p.m, c.Reason)), err
}

func (g *permitGame) granting(p permitPace) permit.Grant {
	switch p.what {
	case "consent", "refuse":
		return permit.Grant{OpenID: p.user, Type: message.ConsentPermit, Template: "tpl", Code: p.event, Count: p.n}
	}
	grant := g.grant(p.paper)
	grant.IssuedAt = grant.IssuedAt.Add(-g.offset)
	return grant
}

func (g *permitGame) leaveText(p permitPace, l message.Leave) string {
	return fmt.Sprint(l.Decision, " ", l.State, " ", g.reason(p.m, l.Reason), " attempt ", l.Attempt, " life ", l.Life, " doubt ", l.InDoubt,
		" permit ", l.Permit.Type, " ", l.Permit.Code, " pooled ", l.Permit.Pooled, " spent ", l.Permit.Spent)
}

// call is what a run that was told to send does, once.
func (g *permitGame) call(p permitPace, leave message.Leave) {
	f := g.flights[g.flightKey(p)]
	if leave.Decision != message.Send || f != nil && f.settled == nil && f.leave.Attempt == leave.Attempt && f.leave.Life == leave.Life {
		return
	}
	answer, counted := g.wechat.send(g.messages[p.m], leave.Permit, p.how, g.at)
	if h := g.models[p.m].hold; h != nil && counted {
		h.counted = true
	}
	g.flights[g.flightKey(p)] = &flight{answer: answer, how: p.how, leave: leave}
}

func (g *permitGame) settlement(p permitPace, f *flight) message.Settlement {
	if f.settled == nil {
		s := decided(g.real(p.m), p.run, f.leave, f.answer, time.UnixMilli(g.at).Add(-g.offset))
		if f.how == tooLate {
			back := message.Outcome{State: message.Waiting, Reason: "late", GiveBack: true}
			s.Clear, s.Doubt = back, back
		}
		f.settled = &s
	}
	return *f.settled
}
