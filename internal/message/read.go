package message

import (
	"slices"
	"strings"
	"time"
)

// text reads a string that may be missing or empty.
func (o object) text(name string) string {
	n, ok := o.get(name)
	if !ok {
		return ""
	}
	if n.kind != stringNode {
		o.wrong(o.at(name), "%s; allowed is a string", found(n))
		return ""
	}
	return n.text
}

// given reads a string that may be missing, but not empty.
func (o object) given(name, allowed string) (string, bool) {
	n, ok := o.get(name)
	switch {
	case !ok:
		return "", false
	case n.kind != stringNode:
		o.wrong(o.at(name), "%s; allowed is %s", found(n), allowed)
		return "", false
	case n.text == "":
		o.wrong(o.at(name), "is empty; leave it out, or give %s", allowed)
		return "", false
	}
	return n.text, true
}

// need reads a string that must be there and have text.
func (o object) need(name, what string) string {
	n, ok := o.get(name)
	switch {
	case !ok:
		o.wrong(o.at(name), "missing; it is %s", what)
	case n.kind != stringNode:
		o.wrong(o.at(name), "%s; allowed is a string: %s", found(n), what)
	case n.text == "":
		o.wrong(o.at(name), "is empty; it is %s", what)
	default:
		return n.text
	}
	return ""
}

// token reads an openid, appid or template id: what WeChat made, and what the
// app must hand on untouched.
func (o object) token(name, what string) string {
	text := o.need(name, what)
	if text != "" && !isToken(text) {
		o.wrong(o.at(name), "found %s with %d bytes; allowed are 1 to %d of ASCII's visible characters, without spaces", quoted(text), len(text), maxToken)
	}
	return text
}

// matching reads an optional word that must satisfy valid.
func (o object) matching(name string, valid func(string) bool, allowed string) string {
	text, ok := o.given(name, allowed)
	if ok && !valid(text) {
		o.wrong(o.at(name), "found %s; allowed is %s", quoted(text), allowed)
	}
	return text
}

// oneOf reads an optional word out of a list.
func (o object) oneOf(name string, allowed ...string) string {
	text := o.text(name)
	if text != "" && !slices.Contains(allowed, text) {
		o.wrong(o.at(name), "found %s; allowed are %s", quoted(text), strings.Join(allowed, ", "))
	}
	return text
}

// flag reads an optional true or false.
func (o object) flag(name string) bool {
	n, ok := o.get(name)
	if ok && n.kind != boolNode {
		o.wrong(o.at(name), "%s; allowed are true and false", found(n))
	}
	return n.kind == boolNode && n.text == "true"
}

// time reads an optional time; zero when missing or wrong.
func (o object) time(name string) time.Time {
	const allowed = "an RFC 3339 time with its zone, as 2026-11-22T20:00:00+08:00"
	text, ok := o.given(name, allowed)
	if !ok {
		return time.Time{}
	}
	var t time.Time
	if err := t.UnmarshalText([]byte(text)); err != nil {
		o.wrong(o.at(name), "found %s; allowed is %s", quoted(text), allowed)
		return time.Time{}
	}
	// A year 1 is some language's unset time; after 2199 int64 nanoseconds end.
	if t.Year() < 2000 || t.Year() > 2199 {
		o.wrong(o.at(name), "found the year %d; allowed are 2000 to 2199; leave an unset time out", t.Year())
		return time.Time{}
	}
	return t
}
