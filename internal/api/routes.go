package api

import (
	"net/http"
	"slices"
	"strings"
)

// route is one call that the API answers: by serve; by stream, which writes
// itself, and may refuse with an error as long as it wrote nothing; or, where it
// is not JSON of ours, by raw.
type route struct {
	method, path string
	need         Scope
	quiet        bool // asked all the time by machines: logged at level debug
	serve        func(*call) (answer, error)
	stream       func(*call) error
	raw          http.Handler
}

// routes is all there is; openapi.json describes exactly these.
func (a *API) routes() []route {
	return []route{
		{method: "POST", path: "/api/v1/messages", need: Send, serve: a.take},
		{method: "POST", path: "/api/v1/messages/batch", need: Send, stream: a.takeMany},
		{method: "GET", path: "/api/v1/accounts", need: Read, serve: a.listAccounts},
		{method: "GET", path: "/api/v1/accounts/{account}", need: Read, serve: a.showAccount},
		{method: "PATCH", path: "/api/v1/accounts/{account}", need: Admin, serve: a.changeAccount},
		{method: "POST", path: "/api/v1/accounts/{account}/park", need: Admin, serve: a.parkAccount},
		{method: "POST", path: "/api/v1/accounts/{account}/unpark", need: Admin, serve: a.unparkAccount},
		{method: "GET", path: "/api/v1/accounts/{account}/messages/{id}", need: Read, serve: a.record},
		{method: "DELETE", path: "/api/v1/accounts/{account}/messages/{id}", need: Send, serve: a.cancel},
		{method: "POST", path: "/api/v1/accounts/{account}/messages/{id}/resolve", need: Admin, serve: a.resolve},
		{method: "GET", path: "/api/v1/accounts/{account}/messages", need: Read, serve: a.listMessages},
		{method: "GET", path: "/api/v1/accounts/{account}/failed", need: Read, serve: a.listFailed},
		{method: "POST", path: "/api/v1/accounts/{account}/replay", need: Admin, serve: a.replay},
		{method: "GET", path: "/api/v1/accounts/{account}/batches", need: Read, serve: a.listBatches},
		{method: "GET", path: "/api/v1/accounts/{account}/batches/{name}", need: Read, serve: a.showBatch},
		{method: "POST", path: "/api/v1/accounts/{account}/batches/{name}/pause", need: Admin, serve: a.pauseBatch},
		{method: "POST", path: "/api/v1/accounts/{account}/batches/{name}/resume", need: Admin, serve: a.resumeBatch},
		{method: "POST", path: "/api/v1/accounts/{account}/batches/{name}/cancel", need: Admin, serve: a.cancelBatch},
		{method: "POST", path: "/api/v1/accounts/{account}/permits", need: Send, serve: a.addPermit},
		{method: "GET", path: "/api/v1/accounts/{account}/permits/{openid}", need: Read, serve: a.listPermits},
		{method: "DELETE", path: "/api/v1/accounts/{account}/permits/{openid}", need: Send, serve: a.removePermit},
		{method: "GET", path: "/api/v1/accounts/{account}/suppressions/{openid}", need: Read, serve: a.listSuppressions},
		{method: "PUT", path: "/api/v1/accounts/{account}/suppressions/{openid}", need: Send, serve: a.suppress},
		{method: "DELETE", path: "/api/v1/accounts/{account}/suppressions/{openid}", need: Send, serve: a.liftSuppression},
		{method: "POST", path: "/api/v1/accounts/{account}/pushes", need: Push, serve: a.takePush},
		{method: "GET", path: "/api/v1/accounts/{account}/token", need: Token, serve: a.token},
		{method: "POST", path: "/api/v1/accounts/{account}/token/refresh", need: Token, serve: a.refreshToken},
		{method: "GET", path: "/healthz", need: Open, quiet: true, serve: healthy},
		{method: "GET", path: "/readyz", need: Open, quiet: true, serve: a.ready},
		{method: "GET", path: "/metrics", need: Metrics, quiet: true, raw: a.Metrics},
		{method: "GET", path: "/openapi.json", need: Open, serve: describe},
	}
}

// register groups routes by path: the mux's own answers to wrong methods and
// paths are not JSON.
func (a *API) register(routes []route) {
	paths := map[string][]route{}
	for _, r := range routes {
		paths[r.path] = append(paths[r.path], r)
	}
	for path, methods := range paths {
		a.mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { a.enter(w, r, path, methods) })
	}
	a.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, callOf(r), &refusal{status: http.StatusNotFound, code: codeNotFound,
			message: "there is no such path; /openapi.json lists all"})
	})
}

// enter finds the route of a path by method and lets the caller in.
func (a *API) enter(w http.ResponseWriter, r *http.Request, path string, methods []route) {
	c := callOf(r)
	c.Request, c.w, c.route = r, w, path
	i := slices.IndexFunc(methods, func(m route) bool { return m.answers(r.Method) })
	if i < 0 {
		refuse(w, c, wrongMethod(methods))
		return
	}
	m := methods[i]
	c.quiet = m.quiet
	if err := a.admit(c, m.need); err != nil {
		refuse(w, c, err)
		return
	}
	a.follow(c)
	switch {
	case m.raw != nil:
		m.raw.ServeHTTP(w, r)
	case m.stream != nil:
		if err := m.stream(c); err != nil {
			refuse(w, c, err)
		}
	default:
		reply, err := m.serve(c)
		if err != nil {
			refuse(w, c, err)
			return
		}
		reply.write(w)
	}
}

// follow hands a call to Trace, unless machines make it all the time.
func (a *API) follow(c *call) {
	if a.Trace == nil || c.quiet {
		return
	}
	ctx, end := a.Trace.Request(c.Request, c.route)
	c.Request, c.end = c.Request.WithContext(ctx), end
}

// answers tells whether the route is for this method; who may GET may HEAD.
func (r route) answers(method string) bool {
	return r.method == method || r.method == http.MethodGet && method == http.MethodHead
}

func wrongMethod(methods []route) error {
	var allowed []string
	for _, m := range methods {
		allowed = append(allowed, m.method)
		if m.method == http.MethodGet {
			allowed = append(allowed, http.MethodHead)
		}
	}
	list := strings.Join(allowed, ", ")
	return &refusal{status: http.StatusMethodNotAllowed, code: codeMethod,
		message: "this path does not take that method; allowed: " + list, header: "Allow", value: list}
}
