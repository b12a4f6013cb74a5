package main

import "fmt"

// row is a line of the table. What does not apply is nil.
type row struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Unit    string   `json:"unit"`
	Bare    *float64 `json:"bare,omitempty"`
	Ours    *float64 `json:"wxdispatch,omitempty"`
	Ratio   *float64 `json:"ratio,omitempty"` // wxdispatch over bare, or what the name says
	Goal    string   `json:"goal,omitempty"`
	Verdict string   `json:"verdict,omitempty"` // ok, MISSED; empty: no goal
	Note    string   `json:"note,omitempty"`
}

const (
	met    = "ok"
	missed = "MISSED"
)

// goal is a bound for one figure of a row.
type goal struct {
	words string
	holds bool
}

func atLeast(what string, value, bound float64) goal {
	return goal{fmt.Sprintf("%s ≥ %g", what, bound), value >= bound}
}

func atMost(what string, value, bound float64) goal {
	return goal{fmt.Sprintf("%s ≤ %g", what, bound), value <= bound}
}

// with sets the goal and whether it was met.
func (r row) with(g goal) row {
	r.Goal, r.Verdict = g.words, missed
	if g.holds {
		r.Verdict = met
	}
	return r
}

func (r row) noting(format string, args ...any) row {
	r.Note = fmt.Sprintf(format, args...)
	return r
}

// versus is a row of both sides.
func versus(id, name, unit string, bare, ours float64) row {
	r := row{ID: id, Name: name, Unit: unit, Bare: &bare, Ours: &ours}
	if bare > 0 {
		ratio := ours / bare
		r.Ratio = &ratio
	}
	return r
}

// alone is a row of wxdispatch's only.
func alone(id, name, unit string, ours float64) row {
	return row{ID: id, Name: name, Unit: unit, Ours: &ours}
}
