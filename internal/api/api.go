// Package api is the HTTP API that apps in any language hand messages to and
// ask where they stand.
//
// Its promise: every answer is JSON, every refusal says in one shape what was
// found, what is allowed and what to do, and nothing hangs: with Redis away an
// answer comes within 5 seconds. Keys are held as hashes and compared in
// constant time; logs name the key, the route and the request's id, never a
// key's text, an openid, a message's id or its content. Its routes, its types
// and openapi.json say the same, which a test holds.
//
// It leaves to others what taking a message means (Intake), where it stands
// (Records), what a permit is (Permits), what users want no more (Suppressions),
// how messages are stopped, resolved and sent again (Changes, Ends), whole
// batches (Batches, Turns),
// what a push says (Pushes), what stops an account (Operator), where tokens come
// from (Tokens), and sockets, timeouts and the end (internal/gateway).
package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/oklog/ulid/v2"

	"wxdispatch/internal/listen"
	"wxdispatch/internal/message"
)

// patience is how long a request waits for Redis by its context. It is below
// the promised 5 s because asynq's inspector heeds no context: one command of
// its may still follow.
const patience = 3 * time.Second

// Options are what an API stands on. All but Watch, Trace and Ending are needed.
type Options struct {
	Intake       Intake
	Records      Records
	Changes      Changes
	Ends         Ends
	Batches      Batches
	Turns        Turns
	Accounts     Accounts
	Operator     Operator
	Permits      Permits
	Suppressions Suppressions
	Pushes       Pushes
	Tokens       Tokens
	// Ready tells why nothing should be sent here now, or nil.
	Ready   func(ctx context.Context) error
	Metrics http.Handler // behind scope Metrics, unless OpenMetrics
	Keys    []Key        // without any, every call that needs one is refused
	Log     *slog.Logger
	Watch   Watch // or nil
	Trace   Trace // or nil

	// Ending ends when the program does: calls without an end of their own, as
	// messages/batch, then stop by themselves. nil: it never does.
	Ending context.Context
	// OpenMetrics lets everyone read the metrics.
	OpenMetrics bool
}

// API is the http.Handler of all routes. It is safe for concurrent use and
// starts nothing.
type API struct {
	Options
	keys keyring
	mux  *http.ServeMux
}

// New makes the API.
func New(o Options) *API {
	if o.Ending == nil {
		o.Ending = context.Background()
	}
	a := &API{Options: o, keys: o.Keys, mux: http.NewServeMux()}
	a.register(a.routes())
	return a
}

// call is one request on its way, and what the log tells of it.
type call struct {
	*http.Request
	w     http.ResponseWriter
	id    string      // the request's, not a message's
	route string      // the pattern; empty: none matched
	quiet bool        // told at level debug
	key   *Key        // who calls; nil: nobody known
	err   error       // what was refused
	told  []slog.Attr // what else the log tells
	end   func(int)   // tells Trace the status; nil: it is not followed
}

type callKey struct{}

func callOf(r *http.Request) *call { return r.Context().Value(callKey{}).(*call) }

// ServeHTTP answers one request. Panics end here, in an answer and the log.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{id: requestID(r.Header.Get(requestIDHeader))}
	rec := &listen.Status{ResponseWriter: w}
	rec.Header().Set(requestIDHeader, c.id)
	rec.Header().Set("X-Content-Type-Options", "nosniff")
	defer a.finish(rec, c, r.Method, time.Now())
	a.mux.ServeHTTP(rec, r.WithContext(context.WithValue(r.Context(), callKey{}, c)))
}

const requestIDHeader = "X-Request-Id"

// requestID takes over the caller's id of a request where it may stand in a
// log, and makes one else.
func requestID(given string) string {
	if message.ValidID(given) {
		return given
	}
	return ulid.Make().String()
}
