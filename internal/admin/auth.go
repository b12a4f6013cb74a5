package admin

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
)

// guarded lets those through who know user and password; all when none is set.
func (h *Handler) guarded(next http.Handler) http.Handler {
	if h.o.User == "" {
		return next
	}
	return h.guard(next, h.knowsPassword)
}

// guardedMetrics lets the metrics token through as well. A token alone guards
// the metrics, too.
func (h *Handler) guardedMetrics(next http.Handler) http.Handler {
	if h.o.User == "" && h.o.MetricsToken == "" {
		return next
	}
	return h.guard(next, func(r *http.Request) bool { return h.knowsToken(r) || h.knowsPassword(r) })
}

func (h *Handler) guard(next http.Handler, knows func(*http.Request) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !knows(r) {
			w.Header().Set("WWW-Authenticate", `Basic realm="wxdispatch", charset="UTF-8"`)
			http.Error(w, "give the user and password of the worker's configuration; /metrics takes its metrics_token, too", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (h *Handler) knowsPassword(r *http.Request) bool {
	user, password, given := r.BasicAuth()
	// Both are compared, whatever the first says: time tells nothing.
	same := sameText(user, h.o.User) & sameText(password, h.o.Password)
	return given && h.o.User != "" && same == 1
}

func (h *Handler) knowsToken(r *http.Request) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return h.o.MetricsToken != "" && strings.EqualFold(scheme, "Bearer") && sameText(strings.TrimSpace(token), h.o.MetricsToken) == 1
}

// sameText is 1 when given is wanted. Hashes are compared, so that not even
// the length shows in the time that it takes.
func sameText(given, wanted string) int {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(wanted))
	return subtle.ConstantTimeCompare(a[:], b[:])
}
