package admin

import (
	"context"
	"net/http"

	"wxdispatch/internal/message"
	"wxdispatch/internal/standing"
)

// batch shows how one stands.
func (h *Handler) batch(w http.ResponseWriter, r *http.Request) error {
	f := readForm(r.URL.Query(), "account", "name")
	account, name := f.account(), f.id("name")
	if err := f.err(); err != nil {
		return err
	}
	b, err := h.o.Batches.Show(r.Context(), account, name)
	if err == nil {
		h.draw(w, r, http.StatusOK, "batch", batchPage{b})
	}
	return err
}

// turnBatch pauses, resumes or cancels one.
func (h *Handler) turnBatch(ctx context.Context, f form, who string) (string, error) {
	account, name := f.account(), f.id("name")
	turn := f.one("do", "pause", "resume", "cancel")
	if err := f.err(); err != nil {
		return "", err
	}
	next := view{}.Link("/batch", "account", account, "name", name)
	switch turn {
	case "pause":
		return next, h.o.Batches.Pause(ctx, account, name, who)
	case "resume":
		return next, h.o.Batches.Resume(ctx, account, name, who)
	}
	return next, h.o.Batches.Cancel(ctx, account, name, who)
}

// batchPage is what a batch's page is made from.
type batchPage struct{ standing.Batch }

// End is how many ended so.
type End struct {
	State message.State
	N     int
}

// Ends are the batch's ends in the order of a message's way.
func (b batchPage) Ends() (ends []End) {
	for _, s := range message.States() {
		if n := b.Ended[s]; n > 0 {
			ends = append(ends, End{s, n})
		}
	}
	return ends
}

// Settled is how many are no longer under way.
func (b batchPage) Settled() int { return b.Total - b.Queued }

// Bad is how many ended badly.
func (b batchPage) Bad() (n int) {
	for state, of := range b.Ended {
		if state.Bad() {
			n += of
		}
	}
	return n
}
