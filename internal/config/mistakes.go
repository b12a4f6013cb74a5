package config

import (
	"fmt"
	"strings"

	"wxdispatch/internal/fault"
)

// mistakes gathers what is wrong, the first mistake of each path, and tells
// where each was written.
type mistakes struct {
	fields []fault.Field
	seen   map[string]bool
	origin map[string]string // path → "config.yaml line 7" or the variable's name
}

func newMistakes() *mistakes {
	return &mistakes{seen: map[string]bool{}, origin: map[string]string{}}
}

// add notes a mistake. A path that has one already keeps it: a value that was
// not understood is not judged as well.
func (m *mistakes) add(path, format string, args ...any) {
	if m.seen[path] {
		return
	}
	m.seen[path] = true
	text := fmt.Sprintf(format, args...)
	if from := m.where(path); from != "" && from != path {
		text += " (" + from + ")"
	}
	m.fields = append(m.fields, fault.Field{Path: path, Message: text})
}

// from notes where an entry was first named, unless that is known.
func (m *mistakes) from(path, origin string) {
	if m.origin[path] == "" {
		m.origin[path] = origin
	}
}

// where tells where path was written, or, when it was not, its group.
func (m *mistakes) where(path string) string {
	if origin := m.origin[path]; origin != "" {
		return origin
	}
	dot := strings.LastIndexByte(path, '.')
	return m.origin[path[:max(dot, 0)]]
}

// err returns all mistakes as one error of class invalid, or nil.
func (m *mistakes) err(op, file string) error {
	if len(m.fields) == 0 {
		return nil
	}
	source := "configuration"
	if file != "" {
		source = file
	}
	count := "1 mistake"
	if n := len(m.fields); n > 1 {
		count = fmt.Sprintf("%d mistakes", n)
	}
	return &fault.Error{Op: op, Class: fault.Invalid, Message: source + ": " + count, Fields: m.fields}
}

// oneOf notes a value that is not among those allowed.
func (m *mistakes) oneOf(path, value string, allowed ...string) {
	for _, a := range allowed {
		if value == a {
			return
		}
	}
	m.add(path, "found %q; use %s", value, either(allowed))
}

func either(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
