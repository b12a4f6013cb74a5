package query_test

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/query"
)

var now = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// said is every mistake, as a caller is told it.
func said(t *testing.T, err error) (fields []string) {
	t.Helper()
	if err == nil {
		return nil
	}
	var f *fault.Error
	if !errors.As(err, &f) || f.Class != fault.Invalid || f.Op != "test" {
		t.Fatalf("got %v", err)
	}
	for _, field := range f.Fields {
		fields = append(fields, field.String())
	}
	return fields
}

func TestNamesAreKnownAndStandOnce(t *testing.T) {
	tests := []struct {
		name, raw   string
		query, form []string
	}{
		{"nothing", "", nil, nil},
		{"one", "id=a", nil, nil},
		{"unknown names, sorted", "zebra=1&apple=2", []string{"apple: nobody knows it; known here are id, kind", "zebra: nobody knows it; known here are id, kind"},
			[]string{"apple: nobody knows it; known here are id, kind", "zebra: nobody knows it; known here are id, kind"}},
		{"twice", "id=a&id=b", []string{"id: stands more than once; keep one of them"}, []string{"id: stands more than once; keep one of them"}},
		{"left empty", "id=&kind=", []string{"id: is empty; leave it out, or give a value", "kind: is empty; leave it out, or give a value"}, nil},
		{"not to be read", "id=%zz", []string{"the query cannot be read; write each special character as %XX"}, nil},
	}
	for _, test := range tests {
		if got := said(t, query.Read(test.raw, "id", "kind").Err("test")); !slices.Equal(got, test.query) {
			t.Errorf("%s: the query: %q", test.name, got)
		}
		values, _ := url.ParseQuery(test.raw)
		if got := said(t, query.ReadForm(values, "id", "kind").Err("test")); !slices.Equal(got, test.form) {
			t.Errorf("%s: the form: %q", test.name, got)
		}
	}
}

func TestBlanksAroundAFormsValuesAreSlips(t *testing.T) {
	values := url.Values{"id": {"  a b "}}
	if got := query.ReadForm(values, "id").Text("id"); got != "a b" {
		t.Errorf("the form has %q", got)
	}
	if got := query.Read("id=%20a", "id").Text("id"); got != " a" {
		t.Errorf("the query has %q", got)
	}
}

func TestRules(t *testing.T) {
	seven := 7
	tests := []struct {
		text string
		read func(m *query.Mistakes, text string) any
		want any
		says string // "": it is no mistake
	}{
		{"", kind, message.Kind(""), ""},
		{"template", kind, message.Template, ""},
		{"sms", kind, message.Kind("sms"), `v: found "sms"; allowed are [template`},
		{"", badEnd, message.State(""), ""},
		{"in_doubt", badEnd, message.InDoubt, ""},
		{"accepted", badEnd, message.Accepted, `v: found "accepted"; bad ends are undelivered, refused, failed, in_doubt, expired, unpermitted, suppressed`},
		{"cancelled", badEnd, message.Cancelled, `v: found "cancelled"; bad ends are`},
		{"", word, "", ""},
		{"two", word, "two", ""},
		{"three", word, "three", `v: found "three"; allowed are one, two`},
		{"7", number, &seven, ""},
		{"7.0", number, (*int)(nil), `v: found "7.0"; write a whole number`},
		{"", number, (*int)(nil), ""},
		{"", moment, time.Time{}, ""},
		{"2026-11-22T20:00:00+08:00", moment, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), ""},
		{"2026-11-22T20:00:00 08:00", moment, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), ""},
		{"2026-11-27T11:00:00.5Z", moment, now.Add(-time.Hour + time.Second/2), ""},
		{"3d", moment, now.Add(-72 * time.Hour), ""},
		{"90m", moment, now.Add(-90 * time.Minute), ""},
		{"-1h", moment, time.Time{}, `v: found "-1h"; write it as 2026-11-22T20:00:00+08:00, or as 24h or 3d (ago)`},
		{"noon", moment, time.Time{}, `v: found "noon"; write it as`},
		{"60000d", moment, time.Time{}, `v: found "60000d"; write it as`},
		{"", span, time.Duration(0), ""},
		{"24h", span, 24 * time.Hour, ""},
		{"365d", span, 365 * 24 * time.Hour, ""},
		{"366d", span, time.Duration(0), `v: found "366d"; write it as 30m, 24h or 3d, up to 365d, or leave it out`},
		{"0s", span, time.Duration(0), `v: found "0s"; write it as 30m`},
	}
	for _, test := range tests {
		var m query.Mistakes
		got := test.read(&m, test.text)
		if !same(got, test.want) {
			t.Errorf("%q is %v, want %v", test.text, got, test.want)
		}
		words := strings.Join(said(t, m.Err("test")), "; ")
		if test.says == "" && words != "" || !strings.HasPrefix(words, test.says) {
			t.Errorf("%q: said %q, want %q", test.text, words, test.says)
		}
	}
}

func kind(m *query.Mistakes, text string) any   { return m.Kind("v", text) }
func badEnd(m *query.Mistakes, text string) any { return m.BadEnd("v", text) }
func word(m *query.Mistakes, text string) any   { return m.Word("v", text, "one", "two") }
func number(m *query.Mistakes, text string) any { return m.Number("v", text) }
func moment(m *query.Mistakes, text string) any { return m.Moment("v", text, now) }
func span(m *query.Mistakes, text string) any   { return m.Span("v", text) }

func same(got, want any) bool {
	switch w := want.(type) {
	case time.Time:
		return w.Equal(got.(time.Time))
	case *int:
		g := got.(*int)
		return (g == nil) == (w == nil) && (g == nil || *g == *w)
	}
	return got == want
}

// Whatever is asked: a value is taken or complained of, and a time lies where
// somebody can have meant it.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{"since=3d&kind=template", "since=2026-11-22T20:00:00+08:00", "id=%zz&id=", "errcode=99999999999999999999&within=-1ns", "since=65535d"} {
		f.Add(seed)
	}
	names := []string{"id", "kind", "state", "errcode", "since", "within"}
	f.Fuzz(func(t *testing.T, raw string) {
		values, _ := url.ParseQuery(raw)
		for _, v := range []*query.Values{query.Read(raw, names...), query.ReadForm(values, names...)} {
			good := v.Err("test") == nil
			kind, state := v.Kind("kind", v.Text("kind")), v.BadEnd("state", v.Text("state"))
			v.Number("errcode", v.Text("errcode"))
			since, within := v.Moment("since", v.Text("since"), now), v.Span("within", v.Text("within"))
			if within < 0 || within > 8760*time.Hour || !good && v.Err("test") == nil {
				t.Fatalf("%q: within %v, %v", raw, within, v.Err("test"))
			}
			if v.Err("test") != nil {
				continue
			}
			if kind != "" && !kind.Valid() || state != "" && !state.Bad() || v.Text("since") != "" && since.IsZero() && !strings.HasPrefix(v.Text("since"), "0001-") {
				t.Fatalf("%q: took %q, %q, %v", raw, kind, state, since)
			}
		}
	})
}
