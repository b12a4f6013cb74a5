// Package query reads what was asked by name: the values of a URL's query, of a
// form, or of a body's fields, and tells every mistake at once.
//
// Its promise: the HTTP API and the worker's pages take the same words for the
// same things, and say the same of what they cannot take. What is asked for with
// them, and how a mistake looks in an answer, is for others.
package query

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"wxdispatch/internal/fault"
)

// Mistakes are what is wrong with an input. The zero value is none.
type Mistakes struct{ fields []fault.Field }

// Complain notes what is wrong with the value that has this name.
func (m *Mistakes) Complain(name, format string, args ...any) {
	m.fields = append(m.fields, fault.Field{Path: name, Message: fmt.Sprintf(format, args...)})
}

// Add notes mistakes that others found.
func (m *Mistakes) Add(more ...fault.Field) { m.fields = append(m.fields, more...) }

// Err is class Invalid with every mistake in the order of their finding, or nil.
func (m *Mistakes) Err(op string) error { return fault.InvalidFields(op, m.fields) }

// Values are what stands behind some names, and every mistake in it.
type Values struct {
	Mistakes
	values url.Values
}

// Read reads a URL's query that may have these names, each once and not empty.
func Read(raw string, known ...string) *Values {
	values, err := url.ParseQuery(raw)
	v := &Values{values: values}
	if err != nil {
		v.Complain("", "the query cannot be read; write each special character as %%XX")
	}
	v.knows(known, func(name string) {
		if values[name][0] == "" {
			v.Complain(name, "is empty; leave it out, or give a value")
		}
	})
	return v
}

// ReadForm reads what a form sends, which may have these names, each once. What
// was left empty counts as absent, and blanks around a value as slips.
func ReadForm(values url.Values, known ...string) *Values {
	v := &Values{values: url.Values{}}
	for name, all := range values {
		for _, text := range all {
			v.values.Add(name, strings.TrimSpace(text))
		}
	}
	v.knows(known, func(string) {})
	return v
}

// knows complains of names that are unknown or stand twice, and shows the others.
func (v *Values) knows(known []string, one func(name string)) {
	for _, name := range slices.Sorted(maps.Keys(v.values)) {
		switch {
		case !slices.Contains(known, name):
			v.Complain(name, "nobody knows it; known here are %s", strings.Join(known, ", "))
		case len(v.values[name]) > 1:
			v.Complain(name, "stands more than once; keep one of them")
		default:
			one(name)
		}
	}
}

// Text is the value of a name as it was written; "" where there is none.
func (v *Values) Text(name string) string { return v.values.Get(name) }
