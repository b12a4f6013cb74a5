package intake

import (
	"context"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
)

// Stocks tells what is left to users.
type Stocks interface {
	// PermitsMany returns what is left to each of many users, in one trip; class
	// Unavailable when that could not be asked.
	PermitsMany(ctx context.Context, account string, openids []string) ([][]permit.Standing, error)
}

// Rehearsal tells what would become of messages, and changes nothing. It counts
// what those before would use of a user's permits. It is not safe for concurrent
// use.
type Rehearsal struct {
	Intake *Intake
	Stocks Stocks

	used map[stock]int
}

// stock is one user's permits, or consents to a template.
type stock struct{ account, openid, template string }

// remembered is how many users' permits are counted over the whole of what is
// rehearsed; those of more users are counted page by page.
const remembered = 1_000_000

// Check answers each message in order with the error that TakeMany would; what
// is known already has none. Class Unavailable: that one could not be asked for.
// What a permit named in a body is good for is known at the real take only.
func (r *Rehearsal) Check(ctx context.Context, messages []*message.Message) []error {
	if r.used == nil || len(r.used) > remembered {
		r.used = map[stock]int{}
	}
	p := newPage(r.Intake, len(messages))
	errs := make([]error, len(messages))
	var ask []int
	for n, m := range messages {
		if p.describe(ctx, n, m) {
			ask = append(ask, n)
		}
	}
	asked := make([]ledger.Asked, len(ask))
	for k, n := range ask {
		asked[k].Job = p.asked[n].Job
	}
	needs := map[string][]int{} // by account
	if len(ask) > 0 {
		for k, t := range r.Intake.Asks.TakeMany(ctx, asked, r.Intake.Keep) {
			n := ask[k]
			p.asked[n].Reserve = false // it was only asked for
			if need := p.asked[n].Need; p.settled(n, t) && need.Enforce && need.Code == "" && !t.Known {
				needs[messages[n].Account] = append(needs[messages[n].Account], n)
			}
		}
	}
	for account, places := range needs {
		r.count(ctx, p, account, places)
	}
	for n := range errs {
		errs[n] = p.outcomes[n].Err
	}
	return errs
}

// count looks whether enough is left to the users of places.
func (r *Rehearsal) count(ctx context.Context, p *page, account string, places []int) {
	openids := make([]string, len(places))
	for k, n := range places {
		openids[k] = p.asked[n].Job.Message.Body.Recipient()
	}
	all, err := r.Stocks.PermitsMany(ctx, account, openids)
	for k, n := range places {
		if err != nil {
			p.outcomes[n].Err = err
			continue
		}
		m, need := p.asked[n].Job.Message, p.asked[n].Need
		of := stock{account, openids[k], ""}
		if need.Want == message.WantConsent {
			of.template = m.Body.TemplateID()
		}
		res := ledger.Reservation{Reason: permit.None}
		if need.Want == message.WantConsent {
			res.Reason = permit.Consent
		}
		for _, s := range all[k] {
			consent := s.Type == message.ConsentPermit
			if consent == (need.Want == message.WantConsent) && s.Template == of.template && (consent || s.ExpiresAt.After(m.Due(p.now))) {
				res.Left += s.Left
				res.Ends = s.ExpiresAt
			}
		}
		if res.Left -= r.used[of]; res.Left > 0 {
			r.used[of]++
		} else {
			res.Left = 0
			p.outcomes[n].Err = unpermitted(m, res, p.now)
		}
	}
}
