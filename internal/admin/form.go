package admin

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// form is what was asked of a page, and every mistake in it. What a form left
// empty counts as absent.
type form struct {
	values url.Values
	wrong  []fault.Field
}

// readForm reads values that may have these names, each once.
func readForm(values url.Values, known ...string) *form {
	f := &form{values: values}
	for name, all := range values {
		switch {
		case !slices.Contains(known, name):
			f.complain(name, "nobody knows it; known here are %s", strings.Join(known, ", "))
		case len(all) > 1:
			f.complain(name, "stands more than once; keep one of them")
		}
	}
	slices.SortFunc(f.wrong, func(a, b fault.Field) int { return strings.Compare(a.Path, b.Path) })
	return f
}

func (f *form) complain(name, format string, args ...any) {
	f.wrong = append(f.wrong, fault.Field{Path: name, Message: fmt.Sprintf(format, args...)})
}

// err is class Invalid with every mistake, or nil.
func (f *form) err() error { return fault.InvalidFields("admin.form", f.wrong) }

func (f *form) text(name string) string { return strings.TrimSpace(f.values.Get(name)) }

// account reads which account is meant.
func (f *form) account() string {
	name := f.text("account")
	if !message.ValidAccount(name) {
		f.complain("account", "found %q; write an account's name, as the overview shows it", name)
	}
	return name
}

// id reads the id of a message, or the name of a batch.
func (f *form) id(name string) string {
	id := f.text(name)
	if !message.ValidID(id) {
		f.complain(name, "found %q; allowed are 1 to 64 of A-Za-z0-9_.:-", id)
	}
	return id
}

// openid reads a user.
func (f *form) openid() string {
	openid := f.text("openid")
	if words := message.TokenComplaint(openid); words != "" {
		f.complain("openid", "%s", words)
	}
	return openid
}

// kind reads a kind; "" are all.
func (f *form) kind() message.Kind {
	kind := message.Kind(f.text("kind"))
	if kind != "" && !kind.Valid() {
		f.complain("kind", "found %q; allowed are %v", kind, message.Kinds())
	}
	return kind
}

// state reads a bad end; "" are all.
func (f *form) state() message.State {
	var allowed []string
	for _, s := range message.States() {
		if s.Bad() {
			allowed = append(allowed, string(s))
		}
	}
	text := f.text("state")
	if text != "" && !slices.Contains(allowed, text) {
		f.complain("state", "found %q; bad ends are %s", text, strings.Join(allowed, ", "))
	}
	return message.State(text)
}

// number reads a whole number; nil: there is none.
func (f *form) number(name string) *int {
	text := f.text(name)
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		f.complain(name, "found %q; write a whole number", text)
		return nil
	}
	return &n
}

// word reads one of some words; absent it is the first.
func (f *form) word(name string, allowed ...string) string {
	text := f.text(name)
	if text == "" {
		return allowed[0]
	}
	if !slices.Contains(allowed, text) {
		f.complain(name, "found %q; allowed are %s", text, strings.Join(allowed, ", "))
	}
	return text
}

// at reads a moment in RFC 3339.
func (f *form) at(name string) time.Time {
	text := f.text(name)
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		f.complain(name, "found %q; write it as 2026-11-22T20:00:00+08:00", text)
	}
	return at
}

// span reads how long something lasts; 0: there is none.
func (f *form) span(name string) time.Duration {
	text := f.text(name)
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 || d > longestSpan {
		f.complain(name, "found %q; write it as 30m or 24h, up to 8760h, or leave it out", text)
		return 0
	}
	return d
}

const longestSpan = 8760 * time.Hour
