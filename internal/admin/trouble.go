package admin

import (
	"errors"
	"log/slog"
	"net/http"

	"wxdispatch/internal/fault"
)

// troublePage says why something was not shown or done.
type troublePage struct {
	Title  string
	Words  string
	Fields []fault.Field
}

var troubles = map[fault.Class]struct {
	status int
	title  string
}{
	fault.Invalid:     {http.StatusBadRequest, "This cannot be understood"},
	fault.NotFound:    {http.StatusNotFound, "Nobody knows that"},
	fault.Conflict:    {http.StatusConflict, "That does not fit how it stands"},
	fault.Denied:      {http.StatusForbidden, "That may not be done here"},
	fault.Unavailable: {http.StatusServiceUnavailable, "Redis does not answer"},
}

// trouble answers an error: with its words where they are for people, without
// its inside.
func (h *Handler) trouble(w http.ResponseWriter, r *http.Request, err error) {
	var known *fault.Error
	if !errors.As(err, &known) {
		known = &fault.Error{}
	}
	kind, told := troubles[known.Class]
	if !told {
		kind.status, kind.title = http.StatusInternalServerError, "This failed"
		h.log.Error("a page failed", slog.String("path", r.URL.Path), slog.Any("error", err))
	}
	if known.Class == fault.Unavailable {
		h.log.Warn("a page could not be shown", slog.String("path", r.URL.Path), slog.Any("error", err))
		known = &fault.Error{}
	}
	h.draw(w, r, kind.status, "trouble", troublePage{Title: kind.title, Words: known.Message, Fields: known.Fields})
}

// Trouble is why something was not done to a message.
type Trouble struct{ ID, Words string }

// mostTroubles is how many messages to which nothing was done are told one by
// one.
const mostTroubles = 10

// troubled adds one more to those that are told, unless there are enough.
func troubled(all []Trouble, id string, err error) []Trouble {
	if len(all) == mostTroubles {
		return all
	}
	words := err.Error()
	var known *fault.Error
	if errors.As(err, &known) && known.Message != "" {
		words = known.Message
	}
	return append(all, Trouble{id, words})
}
