package admin

import (
	"net/http"

	"wxdispatch/internal/message"
)

// replayedPage is what a replay's outcome is shown from.
type replayedPage struct {
	Account string
	Replayed
	Cut bool // Redis went away in between
}

// replay sends again what a page of bad ends has counted: what ended by then,
// and nothing else. Sent twice, the form finds nothing of it any more.
func (h *Handler) replay(w http.ResponseWriter, r *http.Request, f form, who string) error {
	p := replayedPage{Account: f.account()}
	until := f.until()
	pick := f.picked(until)
	if pick.State == message.InDoubt {
		f.Complain("state", "doubts are not sent again, since they may have arrived; end them from their list")
	}
	if err := f.err(); err != nil {
		return err
	}
	var err error
	p.Replayed, err = h.o.Ends.Replay(r.Context(), p.Account, pick.filter(until), who)
	if err != nil && p.Sent+p.Refused+p.Doubts == 0 {
		return err
	}
	p.Cut = err != nil
	h.draw(w, r, http.StatusOK, "replayed", p)
	return nil
}
