package admin

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	html "html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"wxdispatch/internal/message"
	"wxdispatch/internal/standing"
	"wxdispatch/internal/template"
	"wxdispatch/internal/wechat"
)

//go:embed pages
var pageFiles embed.FS

// drawings are the pages by name, each within the frame.
var drawings = parsePages("overview", "message", "find", "failed", "replayed", "resolved", "batch", "permits", "trouble")

func parsePages(names ...string) map[string]*html.Template {
	all := map[string]*html.Template{}
	for _, name := range names {
		all[name] = html.Must(html.New("frame.html").Funcs(reckonings).ParseFS(pageFiles, "pages/frame.html", "pages/records.html", "pages/ways.html", "pages/"+name+".html"))
	}
	return all
}

// reckonings are what pages work out of what they are given.
var reckonings = html.FuncMap{
	"list":    func(all ...any) []any { return all },
	"settled": func(b standing.Batch) int { return batchPage{b}.Settled() },
	"bad":     func(b standing.Batch) int { return batchPage{b}.Bad() },
	"queueOf": queueOf,
	"unsure":  func(r *message.Record) unsure { return unsure{Account: r.Account, ID: r.ID, Seen: r.UpdatedAt, N: 1} },
	"exact":   exact,
	"spans": func() []time.Duration {
		return []time.Duration{time.Hour, 24 * time.Hour, 3 * 24 * time.Hour, 7 * 24 * time.Hour}
	},
}

// exact is a time to the last digit, for forms; none is "".
func exact(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// queueOf is the page of the queue that a message waits in, in asynq's web UI.
func queueOf(r *message.Record) string {
	name := r.Account + "." + string(r.Kind)
	if r.Batch != "" {
		name += "." + r.Batch
	}
	return view{}.Queue(name)
}

// view is what a page is made from, in the language of who looks.
type view struct {
	words     *words
	Version   string
	Draining  bool
	Queues    bool // there is something to link to
	Metrics   bool
	ReadWrite bool // there are buttons
	Live      bool // the page is drawn anew every few seconds
	now       time.Time
	Page      any // what the page is about
}

// draw writes a page.
func (h *Handler) draw(w http.ResponseWriter, r *http.Request, status int, name string, about any) {
	v := view{
		words: wordsFor(r.Header.Get("Accept-Language")), Version: h.o.Version, Draining: h.draining.Load(),
		Queues: h.o.Queues != nil, Metrics: h.o.Metrics != nil, ReadWrite: h.o.ReadWrite, Live: name == "overview",
		now: time.Now(), Page: about,
	}
	var text bytes.Buffer
	if err := drawings[name].Execute(&text, v); err != nil {
		h.log.Error("a page was not drawn", slog.String("page", name), slog.Any("error", err))
		http.Error(w, "this page failed; the worker's log tells why", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", v.words.Tag)
	w.Header().Set("Vary", "Accept-Language")
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes())
}

// Tag is the language, as in HTML.
func (v view) Tag() string { return v.words.Tag }

// T says an English text in the language of who looks.
func (v view) T(text any, args ...any) string {
	said := v.words.say(fmt.Sprint(text))
	if len(args) == 0 {
		return said
	}
	return fmt.Sprintf(said, args...)
}

// chinaTime is the zone of WeChat's day, and of those who look after it.
var chinaTime = time.FixedZone("UTC+8", 8*60*60)

// Clock is a time for people.
func (v view) Clock(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.In(chinaTime).Format("2006-01-02 15:04:05")
}

// Now is when the page was drawn.
func (v view) Now() time.Time { return v.now }

// Stamp is a time for machines.
func (v view) Stamp(t time.Time) string { return t.In(chinaTime).Format(time.RFC3339) }

// Ago is how long since a time.
func (v view) Ago(t time.Time) string { return v.Span(v.now.Sub(t).Seconds()) }

// Span is so many seconds in words, to two places.
func (v view) Span(seconds any) string {
	n := 0
	switch s := seconds.(type) {
	case int:
		n = s
	case float64:
		n = int(s)
	}
	units := []struct {
		size int
		name string
	}{{86400, "%d d"}, {3600, "%d h"}, {60, "%d min"}, {1, "%d s"}}
	var parts []string
	for _, u := range units {
		if n >= u.size && len(parts) < 2 {
			parts = append(parts, v.T(u.name, n/u.size))
		} else if len(parts) > 0 {
			break
		}
		n %= u.size
	}
	if len(parts) == 0 {
		return v.T("%d s", 0)
	}
	return strings.Join(parts, " ")
}

// Say is an error's sentence in the language of who looks.
func (v view) Say(sentence string) string { return v.words.sentence(sentence) }

// Because is why a message changed: a word of ours in the language of who looks,
// or what somebody else said.
func (v view) Because(reason string) string {
	if said, known := v.words.reasons[reason]; known {
		return said
	}
	return reason
}

// NoToken is why an access_token could not be had.
func (v view) NoToken(t *standing.Token) string {
	if t.ErrCode != 0 && v.words == chinese {
		return v.Meaning(t.ErrCode)
	}
	return v.Say(t.Trouble)
}

// Banned is why a template takes nothing.
func (v view) Banned(p template.Park) string {
	if v.words != chinese {
		return p.String()
	}
	if p.By == "wechat" {
		return fmt.Sprintf("微信已封禁：%s（errcode %d）", v.Meaning(p.ErrCode), p.ErrCode)
	}
	return strings.TrimSuffix(fmt.Sprintf("由 %s 停用：%s", cmp.Or(p.Who, p.By), p.Words), "：")
}

// Why is a park's reason in words.
func (v view) Why(p standing.Park) string {
	if said, known := v.words.reasons[p.Reason]; known && p.By != standing.Person {
		if p.ErrMsg != "" {
			said += "：" + p.ErrMsg
		}
		return said
	}
	return p.Words
}

// Meaning is WeChat's code in words.
func (v view) Meaning(code int) string {
	switch c := wechat.Lookup(code); {
	case code == 0:
		return ""
	case v.words == chinese:
		return c.Chinese
	default:
		return c.English
	}
}

// Link is a page of ours with a query of pairs, those without a value left out.
func (v view) Link(path string, pairs ...any) string {
	query := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if value := fmt.Sprint(pairs[i+1]); value != "" {
			query.Set(fmt.Sprint(pairs[i]), value)
		}
	}
	return path + "?" + query.Encode()
}

// Queue is a queue's page in asynq's web UI.
func (v view) Queue(name string) string { return "/queues/queues/" + url.PathEscape(name) }
