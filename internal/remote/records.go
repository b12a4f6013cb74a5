package remote

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

// pageSize is how many records are asked for at once, as many as the API gives.
const pageSize = "1000"

// recordPage is a part of a list, as the API writes it.
type recordPage struct {
	Records []*message.Record `json:"records"`
	Next    string            `json:"next"` // "": this is the last
}

// Status tells where a message stands, as intake.Lookup does.
func (r *Remote) Status(ctx context.Context, name, id string) (*message.Record, error) {
	const op = "remote.status"
	if err := nameable(op, name, id); err != nil {
		return nil, err
	}
	record := &message.Record{}
	if err := r.do(ctx, call{op: op, method: http.MethodGet, path: account(name, "messages", id)}, record); err != nil {
		return nil, err
	}
	return record, nil
}

// Find returns a user's records, newest first, as intake.Finder does.
func (r *Remote) Find(ctx context.Context, name, openid, template string, since time.Time) ([]*message.Record, error) {
	const op = "remote.find"
	if err := user(op, openid); err != nil {
		return nil, err
	}
	query := url.Values{"openid": {openid}}
	set(query, "template_id", template)
	set(query, "since", stamp(since))
	var all []*message.Record
	for record, err := range r.pages(ctx, call{op: op, path: account(name, "messages"), query: query}) {
		if err != nil {
			return nil, err
		}
		all = append(all, record)
	}
	return all, nil
}

// Ends yields the bad ends that the filter picks, oldest first, a page a call,
// as ledger.Ledger does. It stops at the first error.
func (r *Remote) Ends(ctx context.Context, name string, f ledger.Filter) iter.Seq2[*message.Record, error] {
	query := url.Values{}
	set(query, "state", string(f.State))
	set(query, "kind", string(f.Kind))
	if f.ErrCode != nil {
		query.Set("errcode", strconv.Itoa(*f.ErrCode))
	}
	set(query, "template_id", f.Template)
	set(query, "batch", f.Batch)
	set(query, "since", stamp(f.Since))
	set(query, "until", stamp(f.Until))
	return r.pages(ctx, call{op: "remote.failed", path: account(name, "failed"), query: query})
}

// pages yields a list's records, a page a call.
func (r *Remote) pages(ctx context.Context, c call) iter.Seq2[*message.Record, error] {
	c.method = http.MethodGet
	return func(yield func(*message.Record, error) bool) {
		query := url.Values{"limit": {pageSize}}
		for name, values := range c.query {
			query[name] = values
		}
		for {
			var page recordPage
			one := c
			one.query = query
			if err := r.do(ctx, one, &page); err != nil {
				yield(nil, err)
				return
			}
			for _, record := range page.Records {
				if record != nil && !yield(record, nil) {
					return
				}
			}
			if page.Next == "" {
				return
			}
			query.Set("cursor", page.Next)
		}
	}
}

// stamp is a time as the API reads it; "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// nameable refuses what no message is called: as a part of an address it could
// lead elsewhere.
func nameable(op, name, id string) error {
	if message.ValidAccount(name) && message.ValidID(id) {
		return nil
	}
	return &fault.Error{Op: op, Class: fault.NotFound,
		Message: "no message can have this name; an account has 1 to 32 of a-z0-9-, an id 1 to 64 of A-Za-z0-9_.:-"}
}
