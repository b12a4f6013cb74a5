package intake

import (
	"context"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// Wishes is the book of what users want no more.
type Wishes interface {
	// Suppress writes one down. Class Unavailable leaves it open whether it was
	// written; repeating it changes nothing.
	Suppress(ctx context.Context, account string, s message.Suppression) error
	// Lift takes that of a template back, or with "" that of everything; false:
	// there was none.
	Lift(ctx context.Context, account, openid, template string) (bool, error)
	// Suppressions returns what holds now.
	Suppressions(ctx context.Context, account, openid string) ([]message.Suppression, error)
}

// Suppressor keeps users' own switches: who wants nothing more, or nothing of
// one template. It is safe for concurrent use when its parts are.
type Suppressor struct {
	Accounts Accounts
	Wishes   Wishes
	Now      func() time.Time // the clock
}

const suppressOp = "intake.suppress"

// Suppress keeps messages from a user from now on, also those that wait, until
// s.Until or for good; those with force go all the same. What is being sent
// cannot be called back. Again for the same template it replaces what stood.
//
// Class Invalid: its Fields tell every mistake; NotFound: no such account;
// Unavailable: it may or may not have been written.
func (p Suppressor) Suppress(ctx context.Context, account string, s message.Suppression) error {
	if _, err := p.Accounts.Find(ctx, account); err != nil {
		return err
	}
	fields := named(s.OpenID, s.Template)
	if !s.Until.IsZero() && !s.Until.After(p.Now()) {
		fields = append(fields, fault.Field{Path: "until", Message: "is over already; give a time to come, or none for good"})
	}
	if err := fault.InvalidFields(suppressOp, fields); err != nil {
		return err
	}
	return p.Wishes.Suppress(ctx, account, s)
}

// Lift lets messages of a template through again, or with "" ends what keeps
// everything from the user; the other suppressions stay. Class NotFound: there
// was none, or no such account is known; else as Suppress.
func (p Suppressor) Lift(ctx context.Context, account, openid, template string) error {
	if _, err := p.Accounts.Find(ctx, account); err != nil {
		return err
	}
	if err := fault.InvalidFields(suppressOp, named(openid, template)); err != nil {
		return err
	}
	lifted, err := p.Wishes.Lift(ctx, account, openid, template)
	if err == nil && !lifted {
		err = &fault.Error{Op: suppressOp, Class: fault.NotFound, Message: "nothing of that kind is kept from this user, so nothing was lifted"}
	}
	return err
}

// List returns what holds now, that of everything first. Errors as Suppress's.
func (p Suppressor) List(ctx context.Context, account, openid string) ([]message.Suppression, error) {
	if _, err := p.Accounts.Find(ctx, account); err != nil {
		return nil, err
	}
	if err := fault.InvalidFields(suppressOp, named(openid, "")); err != nil {
		return nil, err
	}
	return p.Wishes.Suppressions(ctx, account, openid)
}

// named checks the names that WeChat made.
func named(openid, template string) []fault.Field {
	var fields []fault.Field
	if words := message.TokenComplaint(openid); words != "" {
		fields = append(fields, fault.Field{Path: "openid", Message: words})
	}
	if template != "" {
		if words := message.TokenComplaint(template); words != "" {
			fields = append(fields, fault.Field{Path: "template_id", Message: words})
		}
	}
	return fields
}

// wanted tells, as class Suppressed, that the user of a message wants no such
// message. One that is known already is left to be answered as such.
func (i *Intake) wanted(ctx context.Context, m *message.Message) error {
	if m.Force {
		return nil
	}
	s, err := i.Book.SuppressedBy(ctx, m.Account, m.Body.Recipient(), m.Body.TemplateID())
	if err != nil || s == nil {
		return err
	}
	if record, err := i.known(ctx, m); err != nil || record != nil {
		return err
	}
	return unwanted(s)
}

// unwanted says what keeps a message from its user.
func unwanted(s *message.Suppression) error {
	what, end := "everything", "for good"
	if s.Template != "" {
		what = "this template"
	}
	if !s.Until.IsZero() {
		end = "until " + stamp(s.Until)
	}
	why := map[string]string{
		message.ByApp:         "as was said with enqueue suppress",
		message.BySwitchedOff: "since WeChat answered 43101: the user switched it off",
		message.ByRejected:    "since WeChat pushed that the user rejected it",
	}[s.By]
	return &fault.Error{Op: op, Class: fault.Suppressed,
		Message: what + " is kept from this user " + end + ", " + why + "; lift it (enqueue suppress remove), or set force on a message that must go"}
}
