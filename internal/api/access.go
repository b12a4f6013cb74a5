package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"wxdispatch/internal/listen"
	"wxdispatch/internal/message"
)

// unmatched stands for the route of a path that does not exist: the raw path
// may hold ids, and would make labels without end.
const unmatched = "unmatched"

// finish ends a request: a panic becomes an answer, and all become a line in
// the log.
func (a *API) finish(rec *listen.Status, c *call, method string, start time.Time) {
	if caught := recover(); caught != nil {
		if caught == http.ErrAbortHandler {
			panic(caught) // net/http's own way to cut a connection
		}
		a.Log.Error("panic in a request", slog.String("request", c.id),
			slog.String("panic", fmt.Sprint(caught)), slog.String("stack", string(debug.Stack())))
		if rec.Code == 0 {
			refuse(rec, c, fmt.Errorf("panic: %v", caught))
		}
	}
	took, route := time.Since(start), c.route
	if route == "" {
		route = unmatched
	}
	if a.Watch != nil {
		a.Watch.Served(route, rec.Code, took)
	}
	if c.end != nil {
		c.end(rec.Code)
	}
	a.tell(c, method, route, rec.Code, took)
}

// what names what a call was about, as far as its path tells: account and batch.
// What nobody knows is left out, since it may be anything; so are messages and
// users.
func (c *call) what(status int) (attrs []slog.Attr) {
	if c.Request == nil || status == http.StatusNotFound {
		return nil
	}
	for _, one := range []struct {
		name, value string
		valid       func(string) bool
	}{
		{"account", c.PathValue("account"), message.ValidAccount},
		{"batch", c.PathValue("name"), message.ValidID},
	} {
		if one.value != "" && one.valid(one.value) {
			attrs = append(attrs, slog.String(one.name, one.value))
		}
	}
	return attrs
}

// tell writes the request's line. Why something failed is told for faults of
// ours only: a refusal's words may hold what the caller sent.
func (a *API) tell(c *call, method, route string, status int, took time.Duration) {
	attrs := []slog.Attr{
		slog.String("method", method), slog.String("route", route), slog.Int("status", status),
		slog.Duration("took", took), slog.String("request", c.id),
	}
	if c.key != nil {
		attrs = append(attrs, slog.String("key", c.key.name))
		attrs = append(attrs, c.what(status)...)
	}
	attrs = append(attrs, c.told...)
	level := slog.LevelInfo
	switch {
	case status >= http.StatusInternalServerError:
		level = slog.LevelWarn
		if c.err != nil {
			attrs = append(attrs, slog.String("error", c.err.Error()))
		}
	case c.quiet:
		level = slog.LevelDebug
	}
	ctx := context.Background()
	if c.Request != nil {
		ctx = c.Context()
	}
	a.Log.LogAttrs(ctx, level, "request", attrs...)
}
