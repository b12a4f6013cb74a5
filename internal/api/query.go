package api

import (
	"time"

	"wxdispatch/internal/query"
)

// A page has so many entries, unless limit says otherwise.
const (
	usualPage = 100
	mostOfOne = 1000 // the greatest limit
)

// asked is what stands behind the question mark of a list.
type asked struct {
	*query.Values
	now time.Time
}

func readQuery(raw string, now time.Time, known ...string) asked {
	return asked{query.Read(raw, known...), now}
}

// limit is how many entries a page may have.
func (q asked) limit() int {
	n := q.Number("limit", q.Text("limit"))
	if n == nil {
		return usualPage
	}
	checkLimit(&q.Mistakes, *n)
	return *n
}

func checkLimit(m *query.Mistakes, n int) {
	if n < 1 || n > mostOfOne {
		m.Complain("limit", "found %d; allowed are 1 to %d", n, mostOfOne)
	}
}
