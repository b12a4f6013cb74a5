package admin

import "net/http"

// maxChange bounds the body of a change: lists of task ids.
const maxChange = 1 << 20

// queues serves the queues' pages: to look at, and, where that is allowed, to
// change them from these very pages.
func (h *Handler) queues() http.Handler {
	changes := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet, http.MethodHead:
		case http.MethodPost, http.MethodDelete:
			if !h.o.ReadWrite {
				refuseMethod(w, "GET, HEAD", "the queues are read-only here; set worker.ui: read_write to change them")
				return
			}
			if err := changes.Check(r); err != nil {
				http.Error(w, "this change comes from a page of another site and was refused; use the pages under /queues/", http.StatusForbidden)
				return
			}
			r.Body = http.MaxBytesReader(w, r.Body, maxChange)
		default:
			refuseMethod(w, "GET, HEAD, POST, DELETE", "use GET, POST or DELETE")
			return
		}
		h.o.Queues.ServeHTTP(w, r)
	})
}

func refuseMethod(w http.ResponseWriter, allowed, words string) {
	w.Header().Set("Allow", allowed)
	http.Error(w, words, http.StatusMethodNotAllowed)
}
