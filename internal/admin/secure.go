package admin

import (
	"net/http"
	"strings"
)

const (
	// ownPolicy is for our pages: a few lines of script of their own, which fetch
	// the page they stand in, and nothing inline.
	ownPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; " +
		"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
	// queuesPolicy is for asynqmon: two inline scripts start it, and its widgets
	// write their styles into the page. It also asks for two fonts of Google's,
	// which it can do without: they stay away, for where Google is out of reach
	// the page would hang on them, and nobody else should hear of an operator.
	queuesPolicy = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; " +
		"img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

// secured sets the headers that keep other sites out.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy(r.URL.Path))
		header.Set("X-Frame-Options", "DENY")
		header.Set("X-Content-Type-Options", "nosniff")
		// Not no-referrer, which would take the origin off our own forms, too, that
		// they are told from another site's by.
		header.Set("Referrer-Policy", "same-origin")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Cache-Control", caching(r.URL.Path))
		next.ServeHTTP(w, r)
	})
}

func policy(path string) string {
	if strings.HasPrefix(path, "/queues/") {
		return queuesPolicy
	}
	return ownPolicy
}

// caching keeps what is shown fresh. asynqmon's scripts, a megabyte, have a
// hash in their names and may be kept.
func caching(path string) string {
	if strings.HasPrefix(path, "/queues/static/") {
		return "private, max-age=86400"
	}
	return "no-store"
}
