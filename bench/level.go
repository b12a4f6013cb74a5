package main

import (
	"fmt"
	"slices"
)

// level is what became of one gauge over a soak.
type level struct {
	ID       string  `json:"id"`
	Name     string  `json:"name"`
	Unit     string  `json:"unit,omitempty"`
	Quarter  float64 `json:"at_first_quarter"`
	Half     float64 `json:"at_half"`
	Three    float64 `json:"at_three_quarters"`
	End      float64 `json:"at_end"`
	Greatest float64 `json:"greatest_after_first_quarter"`
	Growth   float64 `json:"growth_percent"` // median of the last quarter to that of the second
	Verdict  string  `json:"verdict,omitempty"`
}

const (
	flat   = "flat"
	grows  = "GROWS"
	growth = 10.0 // percent that still are flat
)

// levels works out what the looks showed.
func levels(seen []moment) []level {
	var list []level
	for _, g := range gauges() {
		list = append(list, g.level(seen))
	}
	return list
}

func (g gauge) level(seen []moment) level {
	between := func(from, to float64) (list []float64) {
		for _, m := range seen {
			if end := seen[len(seen)-1].At; m.At > from*end && m.At <= to*end {
				list = append(list, m.Figures[g.id])
			}
		}
		return list
	}
	at := func(share float64) float64 { return latest(between(-1, share)) }
	early, late := between(0.25, 0.5), between(0.75, 1)
	l := level{ID: g.id, Name: g.name, Unit: g.unit, Quarter: at(0.25), Half: at(0.5), Three: at(0.75), End: at(1),
		Greatest: slices.Max(append(between(0.25, 1), 0))}
	if first := median(early); first > 0 {
		l.Growth = 100 * (median(late)/first - 1)
	}
	if g.judged && len(early) > 0 && len(late) > 0 {
		l.Verdict = g.verdict(early, late)
	}
	return l
}

func latest(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	return list[len(list)-1]
}

// verdict compares the second quarter with the last. What swings is no growth: the
// last one's median must lie above all that the second has seen.
func (g gauge) verdict(early, late []float64) string {
	more := median(late) - median(early)
	if more > max(g.slack, median(early)*growth/100) && median(late) > slices.Max(early) {
		return grows
	}
	return flat
}

// fault is an error where the figure was not flat.
func (l level) fault() error {
	if l.Verdict != grows {
		return nil
	}
	return fmt.Errorf("%s grows: by %.0f %% from the second quarter to the last", l.Name, l.Growth)
}
