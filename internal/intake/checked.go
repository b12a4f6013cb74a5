package intake

import (
	"context"
	"fmt"

	"wxdispatch/internal/catalogue"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/registry"
	"wxdispatch/internal/template"
)

// Templates is what is known of accounts' templates.
type Templates interface {
	// Look returns it, as it was a moment ago; mostly without a trip. Class
	// Unavailable when that could not be asked.
	Look(ctx context.Context, account string) (*catalogue.Set, error)
	// Missed asks for a listing and returns what is known then; with wait it
	// stays a few seconds for it.
	Missed(ctx context.Context, account string, set *catalogue.Set, wait bool) (*catalogue.Set, error)
}

// What accounts.NAME.template_check says; anything else is warn.
const (
	checkStrict = "strict"
	checkOff    = "off"
)

// checked holds a message against its template: what WeChat would refuse, or
// show as an empty place, is refused here by an account that is strict, and told
// by one that warns. Warnings come back for the result. A template that takes
// nothing is refused whatever the account says (class Parked). A message that is
// known already is left to be answered as such.
func (i *Intake) checked(ctx context.Context, m *message.Message, account registry.Account) ([]fault.Field, error) {
	if i.Templates == nil {
		return nil, nil
	}
	set, err := i.Templates.Look(ctx, m.Account)
	if err != nil {
		return nil, err
	}
	if park, parked := set.Parks[m.Body.TemplateID()]; parked {
		return nil, i.unlessKnown(ctx, m, banned(park))
	}
	if account.TemplateCheck == checkOff {
		return nil, nil
	}
	mistakes, warnings, err := i.against(ctx, m, set, account.TemplateCheck == checkStrict)
	warnings = append(template.Drops(m), warnings...)
	switch {
	case err != nil:
		return nil, err
	case len(mistakes) > 0 && account.TemplateCheck == checkStrict:
		return warnings, i.unlessKnown(ctx, m, fault.InvalidFields(op, mistakes))
	}
	return append(warnings, mistakes...), nil
}

// unlessKnown is a refusal, unless the message was taken before.
func (i *Intake) unlessKnown(ctx context.Context, m *message.Message, refusal error) error {
	record, err := i.known(ctx, m)
	if err != nil || record != nil {
		return err
	}
	return refusal
}

// against finds the message's template and holds it against that.
func (i *Intake) against(ctx context.Context, m *message.Message, set *catalogue.Set, strict bool) (mistakes, warnings []fault.Field, err error) {
	fill, ours := template.FillOf(m)
	if !ours {
		return nil, nil, nil
	}
	sort := template.SortOf(m.Kind)
	t, found := set.Find(sort, fill.TemplateID)
	if !found {
		if set, err = i.Templates.Missed(ctx, m.Account, set, strict); err != nil {
			return nil, nil, err
		}
		if t, found = set.Find(sort, fill.TemplateID); !found {
			mistakes, warnings = unknown(fill, set, sort, strict)
			return mistakes, warnings, nil
		}
	}
	mistakes, warnings = template.Check(t, fill)
	return mistakes, warnings, nil
}

// unknown says what a template means that is in no list. Where the list was read
// a moment ago it is a mistake; where nobody could read it the message is taken
// unchecked, which only a strict account cares to hear.
func unknown(f template.Fill, set *catalogue.Set, sort template.Sort, strict bool) (mistakes, warnings []fault.Field) {
	list, path := set.Lists[sort], f.Path+".template_id"
	unchecked := fault.Field{Path: path, Message: "not checked: the account's templates could not be read yet"}
	if list.Trouble != "" {
		unchecked.Message = "not checked: the account's templates cannot be read: " + list.Trouble
	}
	switch {
	case !list.Read.IsZero() && list.Trouble == "" && set.Resting():
		return []fault.Field{{Path: path, Message: fmt.Sprintf(
			"the account has no such template of sort %s, as read at %s; enqueue template list shows those that it has, and reads them anew", sort, stamp(list.Read))}}, nil
	case strict:
		return nil, []fault.Field{unchecked}
	}
	return nil, nil
}

// banned says why a template takes nothing.
func banned(p template.Park) error {
	return &fault.Error{Op: op, Class: fault.Parked, Code: p.ErrCode, RID: p.RID, Message: fmt.Sprintf(
		"template %s takes nothing since %s: %s; once that is mended, enqueue template unpark", p.Template, stamp(p.Since), p)}
}
