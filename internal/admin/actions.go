package admin

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"wxdispatch/internal/fault"
)

const (
	// lookLimit is the longest that a look may take.
	lookLimit = 5 * time.Second
	// actLimit is the longest that a change may take; the listener gives an
	// answer 30 s.
	actLimit = 15 * time.Second
	// mostOfForm bounds the body of a form.
	mostOfForm = 64 << 10
)

// act is a change that a form asks for; it answers where to look at the result.
type act func(ctx context.Context, f form, who string) (next string, err error)

// change serves a form that changes something.
func (h *Handler) change(do act, fields ...string) http.HandlerFunc {
	return h.acting(func(w http.ResponseWriter, r *http.Request, f form, who string) error {
		next, err := do(r.Context(), f, who)
		if err == nil {
			http.Redirect(w, r, next, http.StatusSeeOther)
		}
		return err
	}, fields...)
}

// acting lets a change through that is allowed and comes from these pages, and
// tells the log who asked for it. What was done is in the account's log as well,
// which whoever does it writes.
func (h *Handler) acting(do func(w http.ResponseWriter, r *http.Request, f form, who string) error, fields ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h.mayAct(r); err != nil {
			h.trouble(w, r, err)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, mostOfForm)
		if err := r.ParseForm(); err != nil {
			h.trouble(w, r, &fault.Error{Op: "admin.form", Class: fault.Invalid, Message: "the form cannot be read; send it from the page again"})
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), actLimit)
		defer cancel()
		f, who := readForm(r.PostForm, fields...), h.who(r)
		err := do(w, r.WithContext(ctx), f, who)
		h.told(r, f, who, err)
		if err != nil {
			h.trouble(w, r, err)
		}
	}
}

// told tells the log what was asked for, by whom.
func (h *Handler) told(r *http.Request, f form, who string, err error) {
	attrs := []any{slog.String("action", strings.TrimPrefix(r.URL.Path, "/")), slog.String("who", who)}
	for _, name := range []string{"account", "kind", "name", "id", "do", "how", "state", "errcode"} {
		if text := f.Text(name); text != "" {
			attrs = append(attrs, slog.String(name, text))
		}
	}
	if err != nil {
		h.log.Warn("a change from the page was not carried out", append(attrs, slog.Any("error", err))...)
		return
	}
	h.log.Info("changed from the page", attrs...)
}

// mayAct tells why a change must not be made; class Denied.
func (h *Handler) mayAct(r *http.Request) error {
	denied := func(words string) error {
		return &fault.Error{Op: "admin.change", Class: fault.Denied, Message: words}
	}
	switch {
	case !h.o.ReadWrite:
		return denied("these pages are read-only; set worker.ui: read_write to change something from them")
	case http.NewCrossOriginProtection().Check(r) != nil:
		return denied("this change comes from a page of another site and was refused; use the pages of this worker")
	case h.o.User == "" && !literal(r.Host):
		// Without a password the browser's address bar is all that tells our page
		// from another's whose name was pointed at this machine.
		return denied("without worker.user changes are taken at an address or localhost only, not under the name " + r.Host + "; set worker.user and worker.password")
	}
	return nil
}

// literal tells whether a Host header names an address or this machine, which
// no name server can point elsewhere.
func literal(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return host == "localhost" || net.ParseIP(strings.Trim(host, "[]")) != nil
}

// who asks: the user of the login or, where there is none, the page and where
// it was looked at.
func (h *Handler) who(r *http.Request) string {
	if h.o.User != "" {
		return h.o.User
	}
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	return "page@" + host
}
