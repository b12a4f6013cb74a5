package admin

import (
	"net/url"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/query"
)

// form is what was asked of a page, and every mistake in it. What a form left
// empty counts as absent.
type form struct{ *query.Values }

// readForm reads values that may have these names, each once.
func readForm(values url.Values, known ...string) form {
	return form{query.ReadForm(values, known...)}
}

// err is class Invalid with every mistake, or nil.
func (f form) err() error { return f.Err("admin.form") }

// account reads which account is meant.
func (f form) account() string {
	name := f.Text("account")
	if !message.ValidAccount(name) {
		f.Complain("account", "found %q; write an account's name, as the overview shows it", name)
	}
	return name
}

// id reads the id of a message, or the name of a batch.
func (f form) id(name string) string {
	id := f.Text(name)
	if !message.ValidID(id) {
		f.Complain(name, "found %q; allowed are 1 to 64 of A-Za-z0-9_.:-", id)
	}
	return id
}

// openid reads a user.
func (f form) openid() string {
	openid := f.Text("openid")
	if words := message.TokenComplaint(openid); words != "" {
		f.Complain("openid", "%s", words)
	}
	return openid
}

// one reads one of some words, which must be there.
func (f form) one(name string, allowed ...string) string {
	if f.Text(name) == "" {
		f.Complain(name, "is empty; allowed are %s", listed(allowed))
	}
	return f.Word(name, f.Text(name), allowed...)
}

func (f form) kind() message.Kind             { return f.Kind("kind", f.Text("kind")) }
func (f form) badEnd() message.State          { return f.BadEnd("state", f.Text("state")) }
func (f form) number(name string) *int        { return f.Number(name, f.Text(name)) }
func (f form) span(name string) time.Duration { return f.Span(name, f.Text(name)) }

// at reads a moment; how long ago is meant from now on.
func (f form) at(name string, now time.Time) time.Time { return f.Moment(name, f.Text(name), now) }
