package message

import (
	"strings"
	"testing"

	"wxdispatch/internal/fault"
)

func TestRawIsCanonical(t *testing.T) {
	m, err := Decode([]byte(` {"kind": "template", "id": "x", "body":{"template_id":"t1", "touser":"o1",
		"data":{"b":{"value":1.50}, "a":{"value":"<&>\u4e2d\u2028\/\t"}}}, "account":"shop"} `))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"account":"shop","body":{"data":{"a":{"value":"<&>中` + "\u2028" + `/\t"},"b":{"value":1.50}},"template_id":"t1","touser":"o1"},"id":"x","kind":"template"}`
	if string(m.Raw) != want {
		t.Errorf("Raw\n got %s\nwant %s", m.Raw, want)
	}
	if want := Digest([]byte(strings.Replace(want, `"id":"x",`, "", 1))); m.Digest != want {
		t.Errorf("digest %s, want that of Raw without id, %s", m.Digest, want)
	}
}

func TestDigestTellsContentsApart(t *testing.T) {
	base := decode(t, tmplWith(`"batch":"a"`))
	same := []string{
		tmplWith(`"id":"other","batch":"a"`),
		strings.ReplaceAll(tmplWith(`"batch":"a"`), ",", " ,\n"),
		strings.Replace(tmplWith(`"batch":"a"`), `"touser"`, `"\u0074ouser"`, 1),
	}
	for _, in := range same {
		if got := decode(t, in).Digest; got != base.Digest {
			t.Errorf("%s has another digest", in)
		}
	}
	for _, in := range []string{tmplWith(`"batch":"b"`), tmplWith(""), tmplWith(`"batch":"a","force":false`)} {
		if decode(t, in).Digest == base.Digest {
			t.Errorf("%s has the same digest", in)
		}
	}
}

func TestWithID(t *testing.T) {
	m := decode(t, tmplWith(`"batch":"a"`))
	named, err := m.WithID("order-1")
	if err != nil {
		t.Fatal(err)
	}
	if m.ID != "" || named.ID != "order-1" || named.Digest != m.Digest {
		t.Errorf("got %+v from %+v", named, m)
	}
	again := decode(t, string(named.Raw))
	if again.ID != "order-1" || again.Digest != m.Digest || string(again.Raw) != string(named.Raw) {
		t.Errorf("Raw decodes to %+v", again)
	}
	renamed, err := named.WithID("order-2")
	if err != nil || decode(t, string(renamed.Raw)).ID != "order-2" {
		t.Errorf("renamed: %v, %v", renamed, err)
	}
	for name, try := range map[string]func() (*Message, error){
		"bad id":      func() (*Message, error) { return m.WithID("a b") },
		"not decoded": func() (*Message, error) { return (&Message{}).WithID("a") },
	} {
		if _, err := try(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A message that was taken must decode again in the worker, its new id included.
func TestIDAlwaysFits(t *testing.T) {
	empty := len(tmplData(`{"k":{"value":""}}`))
	fill := func(size int) string {
		return tmplData(`{"k":{"value":"` + strings.Repeat("x", size-empty) + `"}}`)
	}
	if _, err := Decode([]byte(fill(MaxSize))); err == nil {
		t.Error("taken without room for an id")
	}
	named, err := decode(t, fill(MaxSize-idRoom)).WithID(strings.Repeat("i", maxID))
	if err != nil {
		t.Fatal(err)
	}
	decode(t, string(named.Raw))
}

func TestValidNames(t *testing.T) {
	cases := []struct {
		text        string
		id, account bool
	}{
		{"", false, false}, {"a", true, true}, {"A", true, false}, {"shop-2", true, true}, {"a_b.c:d", true, false},
		{"a b", false, false}, {"ü", false, false}, {"a{b}", false, false}, {"a/b", false, false},
		{strings.Repeat("a", 32), true, true}, {strings.Repeat("a", 33), true, false},
		{strings.Repeat("a", 64), true, false}, {strings.Repeat("a", 65), false, false},
	}
	for _, c := range cases {
		if ValidID(c.text) != c.id || ValidAccount(c.text) != c.account {
			t.Errorf("%q: id %v, account %v", c.text, ValidID(c.text), ValidAccount(c.text))
		}
	}
}

func TestPermitCode(t *testing.T) {
	cases := []struct{ in, code, words string }{
		{"8f6b2c1e9d3a4750", "8f6b2c1e9d3a4750", ""},
		{"1536825600123", "1536825600123", ""},
		{"prepay_id=wx2211", "wx2211", ""},
		{"wx2211", "wx2211", ""},
		{"", "", "empty"},
		{"prepay_id=", "", "empty"},
		{" the formId is a mock one", "", "mock"},
		{"4200000123", "", "transaction_id"},
		{"a b", "", "without spaces"},
		{strings.Repeat("f", 129), "", "1 to 128"},
	}
	for _, c := range cases {
		code, err := PermitCode(c.in)
		if code != c.code || (err != nil) != (c.words != "") || err != nil && !strings.Contains(err.Error(), c.words) {
			t.Errorf("PermitCode(%q) = %q, %v", c.in, code, err)
		}
	}
}

func decode(t *testing.T, in string) *Message {
	t.Helper()
	m, err := Decode([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	return m
}
