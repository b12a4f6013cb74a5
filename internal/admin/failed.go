package admin

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

// group is the bad ends of one state and code.
type group struct {
	State   message.State
	ErrCode int
	N       int
	Last    time.Time // when the latest of them ended
}

// Again tells whether they may be sent again; a doubt may have arrived.
func (g group) Again() bool { return g.State != message.InDoubt }

// failedPage is what bad ends are shown from.
type failedPage struct {
	Account string
	Picked  picked
	Until   time.Time // the moment that the counts are of
	Groups  []group
	All     int
	Again   int               // of them may be sent again
	First   []*message.Record // the oldest
	More    bool              // there was no time to count the rest
}

// picked are the bad ends that somebody means.
type picked struct {
	State   message.State
	Kind    message.Kind
	ErrCode *int
	Batch   string
	Within  time.Duration // ended no longer ago; 0: all that are kept
	Since   time.Time
}

// pickedFields are what a form may name them by.
var pickedFields = []string{"account", "state", "kind", "errcode", "batch", "within", "since", "until"}

func (f form) picked(now time.Time) picked {
	p := picked{State: f.badEnd(), Kind: f.kind(), ErrCode: f.number("errcode"), Within: f.span("within"), Since: f.at("since", now)}
	if f.Text("batch") != "" {
		p.Batch = f.id("batch")
	}
	if p.Within > 0 {
		p.Since = now.Add(-p.Within)
	}
	return p
}

func (p picked) filter(until time.Time) ledger.Filter {
	return ledger.Filter{State: p.State, Kind: p.Kind, ErrCode: p.ErrCode, Batch: p.Batch, Since: p.Since, Until: until}
}

// until reads the moment that a page was counted at, which what is done to all
// that were counted needs.
func (f form) until() time.Time {
	until := f.at("until", time.Now())
	if f.Text("until") == "" {
		f.Complain("until", "is empty; count them first, then act on those that were counted")
	}
	return until
}

// Narrow tells whether all that are picked are alike: of one state and code, or
// doubts, whatever their code.
func (p picked) Narrow() bool { return p.State != "" && p.ErrCode != nil || p.Doubts() }

// Doubts tells whether doubts are picked.
func (p picked) Doubts() bool { return p.State == message.InDoubt }

// Code is the code that is picked, or "".
func (p picked) Code() any {
	if p.ErrCode == nil {
		return ""
	}
	return *p.ErrCode
}

// Span is Within as a form writes it, or "".
func (p picked) Span() string {
	if p.Within == 0 {
		return ""
	}
	return p.Within.String()
}

// Unsure are the doubts that the page has counted.
func (p failedPage) Unsure() unsure {
	u := unsure{Account: p.Account, Picked: p.Picked, Until: p.Until, N: p.All}
	if p.More {
		u.N = 0
	}
	return u
}

// failed shows the bad ends of an account by state and code, or those of one.
func (h *Handler) failed(w http.ResponseWriter, r *http.Request) error {
	f := readForm(r.URL.Query(), pickedFields...)
	p := failedPage{Account: f.account()}
	if f.picked(time.Now()); f.err() != nil {
		return f.err()
	}
	var err error
	if p.Until, err = h.o.Ends.Clock(r.Context()); err != nil {
		return err
	}
	p.Until = p.Until.Truncate(time.Millisecond)
	p.Picked = f.picked(p.Until)
	if err := h.count(r.Context(), &p); err != nil {
		return err
	}
	h.draw(w, r, http.StatusOK, "failed", p)
	return nil
}

// countTime is how long bad ends are counted; what is left then is not.
const countTime = 2 * time.Second

// pageOfEnds is how many are looked at in a trip.
const pageOfEnds = 1000

// count goes through the bad ends that are picked.
func (h *Handler) count(ctx context.Context, p *failedPage) error {
	type alike struct {
		state message.State
		code  int
	}
	groups, from := map[alike]*group{}, ledger.Place{}
	for stop := time.Now().Add(countTime); ; {
		page, err := h.o.Ends.Page(ctx, p.Account, p.Picked.filter(p.Until), from, pageOfEnds)
		if err != nil {
			return err
		}
		for _, rec := range page.Records {
			key := alike{rec.State, rec.ErrCode}
			if groups[key] == nil {
				groups[key] = &group{State: rec.State, ErrCode: rec.ErrCode}
			}
			groups[key].add(rec)
			if len(p.First) < mostFound {
				p.First = append(p.First, rec)
			}
		}
		if from, p.More = page.Next, page.More; !p.More || time.Now().After(stop) {
			break
		}
	}
	for _, g := range groups {
		p.Groups = append(p.Groups, *g)
		p.All += g.N
		if g.Again() {
			p.Again += g.N
		}
	}
	slices.SortFunc(p.Groups, func(a, b group) int {
		return cmp.Or(b.N-a.N, cmp.Compare(a.State, b.State), a.ErrCode-b.ErrCode)
	})
	return nil
}

func (g *group) add(r *message.Record) {
	g.N++
	if r.UpdatedAt.After(g.Last) {
		g.Last = r.UpdatedAt
	}
}
