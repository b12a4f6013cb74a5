package intake

import (
	"context"
	"fmt"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
	"wxdispatch/internal/registry"
)

// Removed is what became of a permit that was taken back.
type Removed struct {
	OpenID   string
	Code     string // of a form or payment
	Template string // of a consent
	Lost     int    // form, payment: uses that nobody had spent or held
	Left     int    // consent: how many of the template are left
}

const removeOp = "intake.permit_remove"

// Remove takes a permit back that must not be used any more: a form or payment
// by its Code, for good, or consents by their Template, Count of them or, with
// 0, all. A message that holds a use and is not being sent takes another of the
// user's, or ends as unpermitted; Count consents are taken of those that nobody
// holds.
//
// Class NotFound: the user has no such permit, or no such account is known;
// Invalid; Unavailable: it may or may not have been removed.
func (p Pool) Remove(ctx context.Context, account string, g permit.Grant) (Removed, error) {
	owner, err := p.Accounts.Find(ctx, account)
	if err != nil {
		return Removed{}, err
	}
	if g, err = removable(g, owner); err != nil {
		return Removed{}, err
	}
	done := Removed{OpenID: g.OpenID, Code: g.Code, Template: g.Template}
	removed, left, err := p.Stock.RemovePermit(ctx, account, g)
	switch {
	case err != nil:
		return done, err
	case !removed && (g.Type != message.ConsentPermit || g.Count > 0):
		return done, &fault.Error{Op: removeOp, Class: fault.NotFound, Message: absent(g)}
	case g.Type == message.ConsentPermit:
		done.Left = left
	default:
		done.Lost = left
	}
	return done, nil
}

// absent says that there was nothing to take back.
func absent(g permit.Grant) string {
	if g.Type == message.ConsentPermit {
		return fmt.Sprintf("no consent of this user is left for template %s, so none was removed", g.Template)
	}
	return fmt.Sprintf("this user has no permit %s: it was never taken in, was removed before, or is over", g.Code)
}

// removable reads which permit is meant.
func removable(g permit.Grant, owner registry.Account) (permit.Grant, error) {
	r := rules{owner: owner}
	r.openid(g.OpenID)
	switch {
	case g.Code == "" && g.Template == "":
		r.wrong("code", "missing; give the code of a form or payment, or the template_id of consents")
	case g.Code != "" && g.Template != "":
		r.wrong("template_id", "stands beside a code; give the code of a form or payment, or the template_id of consents")
	case g.Code != "":
		g.Code, g.Type = r.code(g.Code), message.FormPermit // a payment is found by its code as well
		if g.Count != 0 {
			r.wrong("count", "is for consents; a form or payment is taken back as a whole; leave it out")
		}
	default:
		g.Type = message.ConsentPermit
		r.token("template_id", g.Template)
		r.count(g.Count)
	}
	return g, fault.InvalidFields(removeOp, r.fields)
}
