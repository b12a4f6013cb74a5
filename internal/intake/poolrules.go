package intake

import (
	"errors"
	"fmt"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
	"wxdispatch/internal/registry"
)

// skew is how far ahead of ours an app's clock may be.
const skew = time.Minute

// rules collects what is wrong with one permit.
type rules struct {
	owner  registry.Account
	now    time.Time
	fields []fault.Field
}

// checked returns the permit as it is understood: its type told by the code's
// look, the code without its prefix, the time now, the count 1 where nothing
// was said. An error of class Invalid tells every mistake at once.
func checked(g permit.Grant, owner registry.Account, now time.Time) (permit.Grant, error) {
	r := rules{owner: owner, now: now}
	r.openid(g.OpenID)
	switch g = r.typed(g); g.Type {
	case message.FormPermit, message.PaymentPermit:
		g = r.paper(g)
	case message.ConsentPermit:
		g = r.consent(g)
	}
	return g, fault.InvalidFields(addOp, r.fields)
}

func (r *rules) wrong(path, format string, args ...any) {
	r.fields = append(r.fields, fault.Field{Path: path, Message: fmt.Sprintf(format, args...)})
}

func (r *rules) openid(text string) {
	if text == "" {
		r.wrong("openid", "missing; it is the user's openid")
		return
	}
	r.token("openid", text)
}

func (r *rules) token(path, text string) {
	if words := message.TokenComplaint(text); words != "" {
		r.wrong(path, "%s", words)
	}
}

// typed finds out the type. What the app says counts: the look of a code is a
// guess.
func (r *rules) typed(g permit.Grant) permit.Grant {
	switch {
	case g.Type.Valid():
	case g.Type != "":
		r.wrong("type", "found %q; allowed are form, payment and consent", string(g.Type))
	case g.Template != "" || g.Count != 0:
		r.wrong("type", "missing; with a template_id or a count it is consent")
	case g.Code == "":
		r.wrong("code", "missing; give a form_id or a prepay_id, or type consent with a template_id")
	default:
		g.Type = message.PermitTypeOfText(g.Code)
	}
	return g
}

// paper checks a form or a payment.
func (r *rules) paper(g permit.Grant) permit.Grant {
	if r.owner.Type != message.MiniProgram {
		r.wrong("type", "found %s; account %s is %s, whose messages take consents only", g.Type, r.owner.Name, r.owner.Type)
	}
	g.Code = r.code(g.Code)
	if g.Template != "" {
		r.wrong("template_id", "is for consents; a %s is good for any template; leave it out", g.Type)
	}
	if g.Count != 0 {
		r.wrong("count", "is for consents; a %s is good for %s by WeChat's rule; leave it out", g.Type, messages(permit.Uses(g.Type)))
	}
	if g.IssuedAt.IsZero() {
		g.IssuedAt = r.now
	}
	r.issued(g)
	return g
}

func (r *rules) code(text string) string {
	code, err := message.PermitCode(text)
	var complaint *fault.Error
	if errors.As(err, &complaint) {
		r.wrong("code", "%s", complaint.Message)
		return text
	}
	return code
}

// issued checks when a form or payment was handed out.
func (r *rules) issued(g permit.Grant) {
	now := r.now.In(g.IssuedAt.Location())
	switch {
	case g.IssuedAt.Sub(now) > skew:
		r.wrong("issued_at", "found %s, which is in the future (now is %s); give the time when the user submitted the form or paid, or leave it out for now",
			stamp(g.IssuedAt), stamp(now))
	case !permit.Ends(g.IssuedAt).After(now):
		r.wrong("issued_at", "found %s, which is too long ago: a %s lasts 7 days, and the last 5 minutes are not used; allowed is after %s",
			stamp(g.IssuedAt), g.Type, stamp(now.Add(permit.Margin-permit.Life)))
	}
}

func (r *rules) consent(g permit.Grant) permit.Grant {
	if g.Template == "" {
		r.wrong("template_id", "missing; it is the id of the template that the user agreed to")
	} else {
		r.token("template_id", g.Template)
	}
	if g.Code != "" {
		r.token("code", g.Code)
	}
	r.count(g.Count)
	if !g.IssuedAt.IsZero() {
		r.wrong("issued_at", "is for forms and payments; a consent does not end; leave it out")
	}
	g.Count = max(1, g.Count)
	return g
}

func (r *rules) count(n int) {
	if n < 0 || n > message.MaxConsents {
		r.wrong("count", "found %d; allowed are 1 to %d", n, message.MaxConsents)
	}
}

func messages(n int) string {
	if n == 1 {
		return "1 message"
	}
	return fmt.Sprintf("%d messages", n)
}
