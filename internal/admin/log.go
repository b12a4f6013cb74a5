package admin

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"wxdispatch/internal/listen"
)

// logged writes a line of each request at level debug. The query is left out:
// nobody knows what stands in it.
func (h *Handler) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, noted := time.Now(), &listen.Status{ResponseWriter: w}
		defer func() {
			h.log.Debug("page served", slog.String("method", r.Method), slog.String("path", r.URL.Path),
				slog.Int("status", noted.Code), slog.Duration("took", time.Since(start)), slog.String("from", r.RemoteAddr))
		}()
		next.ServeHTTP(noted, r)
	})
}

// recovered ends a request that panics with 500, if its answer has not begun.
func (h *Handler) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch cause := recover(); cause {
			case nil:
			case http.ErrAbortHandler:
				panic(cause) // net/http's own way to cut a connection
			default:
				h.log.Error("a page panicked", slog.String("path", r.URL.Path),
					slog.Any("panic", cause), slog.String("stack", string(debug.Stack())))
				if noted, ok := w.(*listen.Status); !ok || noted.Code == 0 {
					http.Error(w, "this page failed; the worker's log tells why", http.StatusInternalServerError)
				}
			}
		}()
		next.ServeHTTP(w, r)
	})
}
