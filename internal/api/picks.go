package api

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

// picks says which bad ends a caller means, as it was written.
type picks struct {
	state    message.State
	kind     message.Kind
	errcode  *int
	template string
	batch    string
	since    string
	until    string
}

// pickNames are what a query may name them by.
var pickNames = []string{"state", "kind", "errcode", "template_id", "batch", "since", "until"}

func (q *query) picks() picks {
	return picks{state: message.State(q.text("state")), kind: message.Kind(q.text("kind")), errcode: q.number("errcode"),
		template: q.text("template_id"), batch: q.text("batch"), since: q.text("since"), until: q.text("until")}
}

// filter is what the ledger is asked, and every mistake.
func (p picks) filter(now time.Time) (ledger.Filter, []fault.Field) {
	f := ledger.Filter{State: p.state, Kind: p.kind, ErrCode: p.errcode, Template: p.template, Batch: p.batch}
	var wrong, more []fault.Field
	if p.state != "" && !badEnd(p.state) {
		wrong = append(wrong, fault.Field{Path: "state", Message: fmt.Sprintf("found %q; bad ends are %s", p.state, badEnds())})
	}
	if p.kind != "" && !p.kind.Valid() {
		wrong = append(wrong, fault.Field{Path: "kind", Message: fmt.Sprintf("found %q; allowed are %v", p.kind, message.Kinds())})
	}
	f.Since, more = moment("since", p.since, now)
	wrong = append(wrong, more...)
	f.Until, more = moment("until", p.until, now)
	wrong = append(wrong, more...)
	if !f.Until.IsZero() && f.Until.Before(f.Since) {
		wrong = append(wrong, fault.Field{Path: "until", Message: "is before since; nothing ends between"})
	}
	return f, wrong
}

// badEnd tells whether the index of bad ends has this state.
func badEnd(s message.State) bool { return s.Final() && !s.Good() && s != message.Cancelled }

// badEnds is their list, for people.
func badEnds() string {
	var names []string
	for _, s := range slices.DeleteFunc(message.States(), func(s message.State) bool { return !badEnd(s) }) {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}
