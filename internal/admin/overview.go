package admin

import (
	"bytes"
	"context"
	_ "embed"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"wxdispatch/internal/message"
)

// overviewLimit is the longest that the figures of a page may take.
const overviewLimit = 3 * time.Second

// Overviewer tells what the worker is doing.
type Overviewer interface {
	// Overview returns the accounts as they stand; with an error, what is known
	// nevertheless. It ends with ctx. The error is logged, not shown.
	Overview(ctx context.Context) ([]Account, error)
}

// Account is one account as the overview shows it.
type Account struct {
	Name  string
	Type  message.AccountType
	Rate  float64 // messages a second, as configured
	Lanes []Lane

	Counted      bool // the two figures below are known
	InDoubt, Bad int  // messages in doubt; messages that ended badly, those included
}

// Lane is one kind of an account.
type Lane struct {
	Kind    message.Kind
	Queue   string  // its name in asynq
	State   State   // what the lane does
	Reason  string  // why it does not run, in words; or ""
	Backlog Backlog // what waits
}

// State is what a lane does.
type State string

// The states of a lane.
const (
	Running State = "running"
	Parked  State = "parked"  // stopped until something changes at WeChat, or a person says so
	Stopped State = "stopped" // does not run on this worker
	Failing State = "failing" // runs, but Redis does not answer it
)

// Backlog is what stands in a lane's queue. The zero value is a queue that
// could not be looked at.
type Backlog struct {
	Known                                         bool
	Pending, Scheduled, Active, Waiting, Archived int
	Oldest                                        time.Duration // for how long the oldest pending one has been due
}

//go:embed page.html
var pageText string

//go:embed style.css
var styleText []byte

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"queue": func(name string) string { return "/queues/queues/" + url.PathEscape(name) },
	"age":   func(d time.Duration) string { return d.Truncate(time.Second).String() },
}).Parse(pageText))

// view is what the page is made from.
type view struct {
	T        *words
	Version  string
	Accounts []Account
	Partial  bool // figures are missing
	Draining bool
	Queues   bool // there is something to link to
	Metrics  bool
	At       string
}

func (h *Handler) overview(w http.ResponseWriter, r *http.Request) {
	v := view{
		T: wordsFor(r.Header.Get("Accept-Language")), Version: h.o.Version, Draining: h.draining.Load(),
		Queues: h.o.Queues != nil, Metrics: h.o.Metrics != nil, At: time.Now().Format(time.RFC3339),
	}
	if h.o.Overview != nil {
		ctx, cancel := context.WithTimeout(r.Context(), overviewLimit)
		defer cancel()
		var err error
		if v.Accounts, err = h.o.Overview.Overview(ctx); err != nil {
			v.Partial = true
			h.log.Warn("the overview lacks figures", slog.Any("error", err))
		}
	}
	var text bytes.Buffer
	if err := page.Execute(&text, v); err != nil {
		h.log.Error("the overview was not drawn", slog.Any("error", err))
		http.Error(w, "this page failed; the worker's log tells why", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", v.T.Tag)
	w.Header().Set("Vary", "Accept-Language")
	_, _ = w.Write(text.Bytes())
}

func style(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write(styleText)
}
