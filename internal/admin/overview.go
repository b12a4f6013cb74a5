package admin

import (
	"context"
	_ "embed"
	"log/slog"
	"net/http"
	"time"
)

// overviewLimit is the longest that the figures of a page may take.
const overviewLimit = 3 * time.Second

//go:embed style.css
var styleText []byte

//go:embed page.js
var scriptText []byte

// overviewPage is what the first page is made from.
type overviewPage struct {
	Accounts []Account
	Partial  bool // figures are missing
}

func (h *Handler) overview(w http.ResponseWriter, r *http.Request) {
	p := overviewPage{}
	if h.o.Overview != nil {
		ctx, cancel := context.WithTimeout(r.Context(), overviewLimit)
		defer cancel()
		var err error
		if p.Accounts, err = h.o.Overview.Overview(ctx); err != nil {
			p.Partial = true
			h.log.Warn("the overview lacks figures", slog.Any("error", err))
		}
	}
	h.draw(w, r, http.StatusOK, "overview", p)
}

func style(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write(styleText)
}

func script(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	_, _ = w.Write(scriptText)
}
