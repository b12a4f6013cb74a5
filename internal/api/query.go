package api

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"wxdispatch/internal/fault"
)

// A page has so many entries, unless limit says otherwise.
const (
	usualPage = 100
	mostOfOne = 1000 // the greatest limit
)

// query is what stands behind the question mark of a list, and every mistake in
// it.
type query struct {
	values url.Values
	now    time.Time
	wrong  []fault.Field
}

// readQuery reads a query that may have these names, each once.
func readQuery(raw string, now time.Time, known ...string) *query {
	values, err := url.ParseQuery(raw)
	q := &query{values: values, now: now}
	if err != nil {
		q.complain("", "the query cannot be read; write each special character as %XX")
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		switch {
		case !slices.Contains(known, name):
			q.complain(name, "nobody knows it; known here are "+strings.Join(known, ", "))
		case len(values[name]) > 1:
			q.complain(name, "stands more than once; keep one of them")
		case values[name][0] == "":
			q.complain(name, "is empty; leave it out, or give a value")
		}
	}
	return q
}

func (q *query) complain(name, words string) {
	q.wrong = append(q.wrong, fault.Field{Path: name, Message: words})
}

func (q *query) text(name string) string { return q.values.Get(name) }

// number reads a whole number; nil: there is none.
func (q *query) number(name string) *int {
	text := q.text(name)
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		q.complain(name, fmt.Sprintf("found %q; write a whole number", text))
		return nil
	}
	return &n
}

// limit is how many entries a page may have.
func (q *query) limit() int {
	n := q.number("limit")
	if n == nil {
		return usualPage
	}
	q.wrong = append(q.wrong, wrongLimit(*n)...)
	return *n
}

func wrongLimit(n int) []fault.Field {
	if n >= 1 && n <= mostOfOne {
		return nil
	}
	return []fault.Field{{Path: "limit", Message: fmt.Sprintf("found %d; allowed are 1 to %d", n, mostOfOne)}}
}

// moment reads a time.
func (q *query) moment(name string) time.Time {
	at, wrong := moment(name, q.text(name), q.now)
	q.wrong = append(q.wrong, wrong...)
	return at
}

// longestAgo keeps mistyped durations from running over.
const longestAgo = 100 * 365 * 24 * time.Hour

// moment reads RFC 3339, or how long ago: 24h, 3d. None is the zero time. A + of
// a time zone that nobody wrote as %2B has come as a blank.
func moment(path, text string, now time.Time) (time.Time, []fault.Field) {
	if text == "" {
		return time.Time{}, nil
	}
	if at, err := time.Parse(time.RFC3339, strings.Replace(text, " ", "+", 1)); err == nil {
		return at, nil
	}
	ago, err := time.ParseDuration(text)
	if days, whole := strings.CutSuffix(text, "d"); whole {
		var n uint64
		n, err = strconv.ParseUint(days, 10, 16)
		ago = time.Duration(n) * 24 * time.Hour
	}
	if err != nil || ago < 0 || ago > longestAgo {
		return time.Time{}, []fault.Field{{Path: path, Message: fmt.Sprintf("found %q; write it as 2026-11-22T20:00:00+08:00, or as 24h or 3d (ago)", text)}}
	}
	return now.Add(-ago), nil
}
