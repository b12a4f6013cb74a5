package admin

import (
	"context"
	"net/http"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

// ways are how a doubt may be ended, as a form names them.
var ways = []string{string(ledger.Sent), string(ledger.Resend), string(ledger.Drop)}

// unsure is what the forms that end doubts are drawn from: one message, or those
// that are picked.
type unsure struct {
	Account string
	ID      string    // of the one message, or ""
	Seen    time.Time // when that one last changed
	Picked  picked
	Until   time.Time // the moment that the picked were counted at
	N       int       // how many are meant; 0: more than were counted
}

// resolvedPage is what the outcome of ending many doubts is shown from.
type resolvedPage struct {
	Account  string
	How      string
	Ended    int
	Not      int
	Troubles []Trouble // why some were not, the first few
	More     bool      // some are left
	Cut      bool      // Redis went away in between
}

// resolveFields are what a form may send that ends doubts.
var resolveFields = append([]string{"id", "seen", "how"}, pickedFields...)

// resolve ends a doubt, or those that a list has counted.
func (h *Handler) resolve(w http.ResponseWriter, r *http.Request, f form, who string) error {
	how := ledger.Resolution(f.one("how", ways...))
	if f.Text("id") == "" {
		return h.resolveMany(w, r, f, how, who)
	}
	account, id, seen := f.account(), f.id("id"), f.at("seen", time.Now())
	if err := f.err(); err != nil {
		return err
	}
	if err := h.asSeen(r.Context(), account, id, seen); err != nil {
		return err
	}
	if _, err := h.o.Doubts.Resolve(r.Context(), account, id, how, who); err != nil {
		return err
	}
	http.Redirect(w, r, view{}.Link("/message", "account", account, "id", id), http.StatusSeeOther)
	return nil
}

// asSeen tells whether a message still stands as somebody saw it: what was sent
// again meanwhile, and is in doubt once more, is another doubt.
func (h *Handler) asSeen(ctx context.Context, account, id string, seen time.Time) error {
	record, err := h.o.Messages.Status(ctx, account, id)
	if err == nil && record.State == message.InDoubt && !record.UpdatedAt.Equal(seen) {
		return &fault.Error{Op: "admin.resolve", Class: fault.Conflict, Message: "the message has changed since you looked at it; look again, then say how the doubt ends"}
	}
	return err
}

// resolveMany ends the doubts that a list has counted: what was one by then, and
// nothing else. Sent twice, the form finds nothing of it any more.
func (h *Handler) resolveMany(w http.ResponseWriter, r *http.Request, f form, how ledger.Resolution, who string) error {
	p := resolvedPage{Account: f.account(), How: string(how)}
	until := f.until()
	pick := f.picked(until)
	if err := f.err(); err != nil {
		return err
	}
	var err error
	p.More, err = h.o.Doubts.ResolveAll(r.Context(), p.Account, pick.filter(until), how, who, p.add)
	if err != nil && p.Ended+p.Not == 0 {
		return err
	}
	p.Cut = err != nil
	h.draw(w, r, http.StatusOK, "resolved", p)
	return nil
}

func (p *resolvedPage) add(id string, err error) {
	if err == nil {
		p.Ended++
		return
	}
	p.Not++
	p.Troubles = troubled(p.Troubles, id, err)
}
