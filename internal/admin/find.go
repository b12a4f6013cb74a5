package admin

import (
	"net/http"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
)

// message shows one with its whole history.
func (h *Handler) message(w http.ResponseWriter, r *http.Request) error {
	f := readForm(r.URL.Query(), "account", "id")
	account, id := f.account(), f.id("id")
	if err := f.err(); err != nil {
		return err
	}
	record, err := h.o.Messages.Status(r.Context(), account, id)
	if err == nil {
		h.draw(w, r, http.StatusOK, "message", record)
	}
	return err
}

// mostFound is how many messages of a user, or of a code, are shown.
const mostFound = 200

// foundPage is what a user's messages are shown from.
type foundPage struct {
	Account, OpenID string
	Records         []*message.Record // newest first
	All             int
}

// find shows the messages of a user, or goes to the message that has such an
// id: who looks has one of the two in hand and need not say which.
func (h *Handler) find(w http.ResponseWriter, r *http.Request) error {
	f := readForm(r.URL.Query(), "account", "openid")
	p := foundPage{Account: f.account(), OpenID: f.openid()}
	if err := f.err(); err != nil {
		return err
	}
	if message.ValidID(p.OpenID) {
		_, err := h.o.Messages.Status(r.Context(), p.Account, p.OpenID)
		if err == nil {
			http.Redirect(w, r, view{}.Link("/message", "account", p.Account, "id", p.OpenID), http.StatusSeeOther)
			return nil
		} else if !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	records, err := h.o.Messages.Find(r.Context(), p.Account, p.OpenID, "", time.Time{})
	if err != nil {
		return err
	}
	p.Records, p.All = records[:min(len(records), mostFound)], len(records)
	h.draw(w, r, http.StatusOK, "find", p)
	return nil
}

// permitsPage is what a user's permits are shown from.
type permitsPage struct {
	Account, OpenID string
	Permits         []permit.Standing
}

// permits shows what is left to a user.
func (h *Handler) permits(w http.ResponseWriter, r *http.Request) error {
	f := readForm(r.URL.Query(), "account", "openid")
	p := permitsPage{Account: f.account(), OpenID: f.openid()}
	err := f.err()
	if err == nil {
		p.Permits, err = h.o.Permits.List(r.Context(), p.Account, p.OpenID)
	}
	if err == nil {
		h.draw(w, r, http.StatusOK, "permits", p)
	}
	return err
}

// Left is how many messages the permits are good for.
func (p permitsPage) Left() (n int) {
	for _, s := range p.Permits {
		n += s.Left
	}
	return n
}
