package api

import (
	"context"
	"slices"
	"time"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/query"
)

// RecordPage is a part of a list of records.
type RecordPage struct {
	Records []*message.Record `json:"records"`
	// Next is the cursor of the next page; absent: this is the last.
	Next string `json:"next,omitempty"`
}

// listMessages tells a user's messages, or bad ends of one state: what the
// ledger can tell without looking at all that it has.
func (a *API) listMessages(c *call) (answer, error) {
	q := readQuery(c.URL.RawQuery, time.Now(), "openid", "state", "template_id", "since", "limit", "cursor")
	at, wrong := readCursor(q.Text("cursor"))
	q.Add(wrong...)
	state, limit, openid := message.State(q.Text("state")), q.limit(), q.Text("openid")
	switch {
	case state != "" && !slices.Contains(message.States(), state):
		q.Complain("state", "found %q; allowed are %v", state, message.States())
	case openid == "" && !state.Bad():
		q.Complain("openid", "is missing; name a user, or a state that is a bad end: %s. Of other states there is no list: "+
			"GET the account counts what waits, GET …/messages/{id} tells of one message", query.BadEnds())
	}
	f := ledger.Filter{State: state, Template: q.Text("template_id"), Since: q.Moment("since", q.Text("since"), q.now)}
	if err := q.Err("api.messages"); err != nil {
		return answer{}, err
	}
	if openid == "" {
		return a.ends(c, f, at, limit)
	}
	return a.messagesOf(c, openid, f, at, limit)
}

// messagesOf answers a user's messages, newest first.
func (a *API) messagesOf(c *call, openid string, f ledger.Filter, at cursor, limit int) (answer, error) {
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	records, err := a.Records.Find(ctx, c.PathValue("account"), openid, f.Template, f.Since)
	if err != nil {
		return answer{}, err
	}
	records = slices.DeleteFunc(records, func(r *message.Record) bool {
		return f.State != "" && r.State != f.State || at.ID != "" && !before(r, at)
	})
	page := RecordPage{Records: records}
	if len(records) > limit {
		page.Records = records[:limit]
		last := page.Records[limit-1]
		page.Next = cursor{At: last.CreatedAt.UnixMilli(), ID: last.ID}.String()
	}
	if page.Records == nil {
		page.Records = []*message.Record{}
	}
	return ok(page), nil
}

// before tells whether a record was taken before the one of a cursor.
func before(r *message.Record, at cursor) bool {
	taken := r.CreatedAt.UnixMilli()
	return taken < at.At || taken == at.At && r.ID < at.ID
}

// listFailed tells what ended badly, oldest first.
func (a *API) listFailed(c *call) (answer, error) {
	q := readQuery(c.URL.RawQuery, time.Now(), append(slices.Clone(pickNames), "limit", "cursor")...)
	at, wrong := readCursor(q.Text("cursor"))
	q.Add(wrong...)
	limit := q.limit()
	f := q.picks().filter(&q.Mistakes, q.now)
	if err := q.Err("api.failed"); err != nil {
		return answer{}, err
	}
	return a.ends(c, f, at, limit)
}

// ends answers a page of bad ends.
func (a *API) ends(c *call, f ledger.Filter, at cursor, limit int) (answer, error) {
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	ends, err := a.Ends.Page(ctx, c.PathValue("account"), f, ledger.Place{At: at.At, ID: at.ID}, limit)
	if err != nil {
		return answer{}, err
	}
	page := RecordPage{Records: ends.Records}
	if ends.More {
		page.Next = cursor{At: ends.Next.At, ID: ends.Next.ID}.String()
	}
	if page.Records == nil {
		page.Records = []*message.Record{}
	}
	return ok(page), nil
}
