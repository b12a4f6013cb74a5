package admin

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

// logged writes a line of each request at level debug. The query is left out:
// nobody knows what stands in it.
func (h *Handler) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, noted := time.Now(), &noting{ResponseWriter: w}
		defer func() {
			h.log.Debug("page served", slog.String("method", r.Method), slog.String("path", r.URL.Path),
				slog.Int("status", noted.status), slog.Duration("took", time.Since(start)), slog.String("from", r.RemoteAddr))
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
				if noted, ok := w.(*noting); !ok || noted.status == 0 {
					http.Error(w, "this page failed; the worker's log tells why", http.StatusInternalServerError)
				}
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// noting remembers the status.
type noting struct {
	http.ResponseWriter
	status int // 0: nothing was written yet
}

func (n *noting) WriteHeader(status int) {
	if n.status == 0 {
		n.status = status
	}
	n.ResponseWriter.WriteHeader(status)
}

func (n *noting) Write(p []byte) (int, error) {
	if n.status == 0 {
		n.status = http.StatusOK
	}
	return n.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (n *noting) Unwrap() http.ResponseWriter { return n.ResponseWriter }
