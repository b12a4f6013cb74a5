package ledger

import (
	"context"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"wxdispatch/internal/message"
	"wxdispatch/internal/message/keys"
	"wxdispatch/internal/permit"
)

// A score in Go, as lua/permits.lua has it: zone·2^50 + end·16 + type·4 + left.
const (
	zone       = 1 << 50
	dead       = 2
	eventKnown = permit.Life // so long is the name of a consent's event known
)

// Granted is what became of a permit on its way into the pool.
type Granted struct {
	Added bool // false: it was known already, and stands as it did
	Left  int  // uses that are neither spent nor held; of a consent: of its template
}

// AddPermits takes permits in, in the order given; one trip for all. A code
// that is known already is not changed, used or not; so it is with a consent
// whose event has a name. Class Unavailable: some may have been added; add them
// again.
func (l *Ledger) AddPermits(ctx context.Context, account string, grants []permit.Grant) ([]Granted, error) {
	asks := make([]ask, len(grants))
	for i, g := range grants {
		asks[i] = addAsk(account, g)
	}
	answers, err := l.runMany(ctx, "ledger.permits", asks)
	if err != nil {
		return nil, err
	}
	granted := make([]Granted, len(grants))
	for i, answer := range answers {
		r := reader{op: "ledger.permits", values: answer}
		granted[i] = Granted{Added: r.number() == 1, Left: r.number()}
		l.count(account, r.text())
		if r.err != nil {
			return nil, r.err
		}
	}
	return granted, nil
}

func addAsk(account string, g permit.Grant) ask {
	book := userKeys(account, g.OpenID)
	if g.Type == message.ConsentPermit {
		return ask{decision: consentAdd, account: account, keys: book,
			args: []any{g.Template, g.Count, g.Code, time.Now().Add(eventKnown).Unix()}}
	}
	return ask{decision: permitAdd, account: account, keys: book, args: []any{g.Code, typeDigit(g.Type), permit.Ends(g.IssuedAt).Unix()}}
}

// RemovePermit takes a permit back: a form or a payment by its code, for good; a
// consent by its template, g.Count of them or, with 0, all. Messages that hold a
// use take another of the user's, or end as unpermitted. Added answers false
// when there was none; Left what was left of it, or of the template's consents.
func (l *Ledger) RemovePermit(ctx context.Context, account string, g permit.Grant) (removed bool, left int, err error) {
	a := ask{decision: permitRemove, account: account, keys: userKeys(account, g.OpenID), args: []any{g.Code}}
	if g.Type == message.ConsentPermit {
		a.decision, a.args = consentRemove, []any{g.Template, g.Count}
	}
	answer, err := l.run(ctx, "ledger.permit", a)
	if err != nil {
		return false, 0, err
	}
	r := reader{op: "ledger.permit", values: answer}
	removed, left = r.number() == 1, r.number()
	l.count(account, r.text())
	return removed, left, r.err
}

// Permits returns what is left to a user on Redis's clock: forms and payments
// in the order in which they are taken, then consents. What is spent, held, dead
// or over is not among them.
func (l *Ledger) Permits(ctx context.Context, account, openid string) ([]permit.Standing, error) {
	all, err := l.PermitsMany(ctx, account, []string{openid})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// PermitsMany is Permits of many users, in one trip.
func (l *Ledger) PermitsMany(ctx context.Context, account string, openids []string) ([][]permit.Standing, error) {
	pipe := l.redis.Pipeline()
	now := pipe.Time(ctx)
	papers, consents := make([]*redis.ZSliceCmd, len(openids)), make([]*redis.MapStringStringCmd, len(openids))
	for i, openid := range openids {
		papers[i] = pipe.ZRangeByScoreWithScores(ctx, keys.Permits(account, openid), &redis.ZRangeBy{Min: "-inf", Max: "(" + strconv.Itoa(zone)})
		consents[i] = pipe.HGetAll(ctx, keys.Consents(account, openid))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, unavailable("ledger.permits", err)
	}
	all := make([][]permit.Standing, len(openids))
	for i := range openids {
		for _, z := range papers[i].Val() {
			code, _ := z.Member.(string)
			if p := readPermit(code, z.Score); p.Refusal(now.Val()) == "" {
				all[i] = append(all[i], permit.Standing{Type: p.Type, Code: p.Code, Left: p.Left, ExpiresAt: p.Ends})
			}
		}
		all[i] = append(all[i], readConsents(consents[i].Val())...)
	}
	return all, nil
}

// readPermit takes a score apart.
func readPermit(code string, score float64) permit.Permit {
	in := int64(math.Mod(score, zone))
	p := permit.Permit{Code: code, Type: message.FormPermit, Left: int(in % 4), Ends: time.Unix(in/16, 0), Dead: int(score/zone) == dead}
	if in/4%4 == 1 {
		p.Type = message.PaymentPermit
	}
	return p
}

// typeDigit is a type in a score.
func typeDigit(t message.PermitType) int {
	if t == message.PaymentPermit {
		return 1
	}
	return 0
}

func endSeconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// readHeld reads what a message holds: a code, how, and when it ends.
func readHeld(code, how string, ends time.Time) message.Held {
	if len(how) < 2 {
		return message.Held{}
	}
	held := message.Held{Type: letters[how[1]], Pooled: how[0] == 'p', Spent: strings.HasSuffix(how[2:], "s")}
	if held.Type != message.ConsentPermit {
		held.Code = code
	}
	if !ends.IsZero() {
		held.Issued = permit.Issued(ends)
	}
	return held
}

var letters = map[byte]message.PermitType{'f': message.FormPermit, 'y': message.PaymentPermit, 'c': message.ConsentPermit}

// count passes on what was done to permits: "type operation …".
func (l *Ledger) count(account, deeds string) {
	if l.counted == nil || deeds == "" {
		return
	}
	words := strings.Fields(deeds)
	for i := 0; i+1 < len(words); i += 2 {
		l.counted(account, message.PermitType(words[i]), words[i+1])
	}
}
