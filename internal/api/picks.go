package api

import (
	"time"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/query"
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

func (q asked) picks() picks {
	return picks{state: message.State(q.Text("state")), kind: message.Kind(q.Text("kind")), errcode: q.Number("errcode", q.Text("errcode")),
		template: q.Text("template_id"), batch: q.Text("batch"), since: q.Text("since"), until: q.Text("until")}
}

// filter is what the ledger is asked; every mistake goes to m.
func (p picks) filter(m *query.Mistakes, now time.Time) ledger.Filter {
	f := ledger.Filter{State: m.BadEnd("state", string(p.state)), Kind: m.Kind("kind", string(p.kind)), ErrCode: p.errcode,
		Template: p.template, Batch: p.batch, Since: m.Moment("since", p.since, now), Until: m.Moment("until", p.until, now)}
	if !f.Until.IsZero() && f.Until.Before(f.Since) {
		m.Complain("until", "is before since; nothing ends between")
	}
	return f
}
