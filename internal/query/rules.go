package query

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"wxdispatch/internal/message"
)

// Each rule reads one value and complains of it under its name. An empty value is
// none, and no mistake.

// Kind reads a kind; "" are all.
func (m *Mistakes) Kind(name, text string) message.Kind {
	kind := message.Kind(text)
	if text != "" && !kind.Valid() {
		m.Complain(name, "found %q; allowed are %v", text, message.Kinds())
	}
	return kind
}

// BadEnd reads a state that is a bad end; "" are all of them.
func (m *Mistakes) BadEnd(name, text string) message.State {
	state := message.State(text)
	if text != "" && !slices.Contains(badEnds(), state) {
		m.Complain(name, "found %q; bad ends are %s", text, BadEnds())
	}
	return state
}

// BadEnds are the bad ends' names, for people.
func BadEnds() string {
	var names []string
	for _, state := range badEnds() {
		names = append(names, string(state))
	}
	return strings.Join(names, ", ")
}

func badEnds() []message.State {
	return slices.DeleteFunc(message.States(), func(s message.State) bool { return !s.Bad() })
}

// Word reads one of some words; "" is none.
func (m *Mistakes) Word(name, text string, allowed ...string) string {
	if text != "" && !slices.Contains(allowed, text) {
		m.Complain(name, "found %q; allowed are %s", text, strings.Join(allowed, ", "))
	}
	return text
}

// Number reads a whole number; nil: there is none.
func (m *Mistakes) Number(name, text string) *int {
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		m.Complain(name, "found %q; write a whole number", text)
		return nil
	}
	return &n
}

const (
	// longestAgo keeps mistyped durations from running over.
	longestAgo = 100 * 365 * 24 * time.Hour
	// longestSpan is the longest that something may be asked to last.
	longestSpan = 365 * 24 * time.Hour
)

// Moment reads a time: RFC 3339, or how long ago as 24h or 3d. None is the zero
// time. A + of a time zone that nobody wrote as %2B has come as a blank.
func (m *Mistakes) Moment(name, text string, now time.Time) time.Time {
	if text == "" {
		return time.Time{}
	}
	if at, err := time.Parse(time.RFC3339, strings.Replace(text, " ", "+", 1)); err == nil {
		return at
	}
	if ago, ok := duration(text); ok && ago >= 0 && ago <= longestAgo {
		return now.Add(-ago)
	}
	m.Complain(name, "found %q; write it as 2026-11-22T20:00:00+08:00, or as 24h or 3d (ago)", text)
	return time.Time{}
}

// Span reads how long something lasts, up to a year; 0: there is none.
func (m *Mistakes) Span(name, text string) time.Duration {
	if text == "" {
		return 0
	}
	if d, ok := duration(text); ok && d > 0 && d <= longestSpan {
		return d
	}
	m.Complain(name, "found %q; write it as 30m, 24h or 3d, up to 365d, or leave it out", text)
	return 0
}

// duration reads what time.ParseDuration does, and whole days as 3d.
func duration(text string) (time.Duration, bool) {
	if days, whole := strings.CutSuffix(text, "d"); whole {
		n, err := strconv.ParseUint(days, 10, 16)
		return time.Duration(n) * 24 * time.Hour, err == nil
	}
	d, err := time.ParseDuration(text)
	return d, err == nil
}
