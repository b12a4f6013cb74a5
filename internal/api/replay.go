package api

import (
	"context"
	"fmt"
	"time"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/query"
)

// ReplayOrder is the body of …/replay: ids, or what picks.
type ReplayOrder struct {
	IDs      []string      `json:"ids,omitempty"`
	All      bool          `json:"all,omitempty"` // every bad end of the account
	State    message.State `json:"state,omitempty"`
	Kind     message.Kind  `json:"kind,omitempty"`
	ErrCode  *int          `json:"errcode,omitempty"`
	Template string        `json:"template_id,omitempty"`
	Batch    string        `json:"batch,omitempty"`
	Since    string        `json:"since,omitempty"`
	Until    string        `json:"until,omitempty"`
	Limit    int           `json:"limit,omitempty"`
	Cursor   string        `json:"cursor,omitempty"`
}

// ReplayAnswer is what became of a page of a replay.
type ReplayAnswer struct {
	Replayed int       `json:"replayed"` // are sent again
	Refused  int       `json:"refused"`  // are not; results tells why
	InDoubt  int       `json:"in_doubt"` // were passed over: they are for …/resolve
	Results  []Changed `json:"results"`
	// Next is the cursor of the next page; absent: this is the last.
	Next string `json:"next,omitempty"`
}

// replay sends messages that ended badly again, by their ids or a page of those
// that the body picks.
func (a *API) replay(c *call) (answer, error) {
	body, err := readBody(c)
	if err != nil {
		return answer{}, err
	}
	var o ReplayOrder
	if err := strict(body, &o); err != nil {
		return answer{}, err
	}
	f, at, err := o.read(time.Now())
	if err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	page := ReplayPage{}
	if len(o.IDs) > 0 {
		page.Results, err = a.Ends.ReplayIDs(ctx, c.PathValue("account"), o.IDs, c.key.name)
	} else {
		page, err = a.Ends.Replay(ctx, c.PathValue("account"), f, at, o.Limit, c.key.name)
	}
	if err != nil && len(page.Results) == 0 {
		return answer{}, err
	}
	c.err = err
	for i := len(page.Results); i < len(o.IDs); i++ { // Redis went away in between
		page.Results = append(page.Results, Replayed{ID: o.IDs[i], Err: err})
	}
	page.More = page.More || err != nil && len(o.IDs) == 0
	return ok(told(c, page)), nil
}

// told puts a page into words.
func told(c *call, p ReplayPage) ReplayAnswer {
	a := ReplayAnswer{InDoubt: p.Doubts, Results: []Changed{}}
	for _, r := range p.Results {
		one := Changed{ID: r.ID, Account: c.PathValue("account"), State: r.State}
		if r.Err == nil {
			a.Replayed++
		} else {
			a.Refused++
			p, _ := problem(r.Err, c.id)
			one.Error = &p.Error
		}
		a.Results = append(a.Results, one)
	}
	if p.More {
		a.Next = cursor{At: p.Next.Place.At, ID: p.Next.Place.ID, Began: p.Next.At.UnixMicro()}.String()
	}
	return a
}

// read checks an order and completes it; class Invalid with every mistake.
func (o *ReplayOrder) read(now time.Time) (ledger.Filter, ReplayFrom, error) {
	p := picks{o.State, o.Kind, o.ErrCode, o.Template, o.Batch, o.Since, o.Until}
	var m query.Mistakes
	f := p.filter(&m, now)
	at, wrong := readCursor(o.Cursor)
	m.Add(wrong...)
	switch picked := p != (picks{}); {
	case len(o.IDs) > 0 && (picked || o.All || o.Cursor != "" || o.Limit != 0):
		m.Complain("ids", "stand beside what picks; give one of the two")
	case len(o.IDs) > mostOfOne:
		m.Complain("ids", "are %d; allowed are %d at once", len(o.IDs), mostOfOne)
	case o.All && picked:
		m.Complain("all", "stands beside what picks; give one of the two")
	case len(o.IDs) == 0 && !picked && !o.All:
		m.Complain("", `nothing is picked; give ids, state, kind, errcode, template_id, batch, since or until, or "all": true for every bad end of the account`)
	}
	for i, id := range o.IDs {
		if !message.ValidID(id) {
			m.Complain(fmt.Sprintf("ids[%d]", i), "is no id; allowed are 1 to 64 of A-Za-z0-9_.:-")
		}
	}
	if o.State == message.InDoubt {
		m.Complain("state", "doubts are not sent again, since they may have arrived; POST …/messages/{id}/resolve ends one")
	}
	if o.Limit == 0 {
		o.Limit = usualPage
	}
	checkLimit(&m, o.Limit)
	from := ReplayFrom{Place: ledger.Place{At: at.At, ID: at.ID}}
	if at.Began > 0 {
		from.At = time.UnixMicro(at.Began)
	}
	return f, from, m.Err("api.replay")
}
