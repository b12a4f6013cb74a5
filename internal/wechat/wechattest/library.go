package wechattest

import (
	_ "embed"
	"encoding/json"
	"net/http"
	"slices"

	"wxdispatch/internal/template"
)

// libraryJSON is the library that the stand-in serves: titles and keywords of
// its own making, in the shape of WeChat's.
//
//go:embed library.json
var libraryJSON []byte

// title is one title of the library.
type title struct {
	template.Entry
	Keywords []template.Keyword `json:"keywords"`
}

// readLibrary reads the library; that it can be read is held by a test.
func readLibrary() []title {
	var titles []title
	if err := json.Unmarshal(libraryJSON, &titles); err != nil {
		panic("wechattest: library.json: " + err.Error())
	}
	return titles
}

// titled returns the title of an id.
func (s *Sim) titled(id string) (title, bool) {
	i := slices.IndexFunc(s.library, func(t title) bool { return t.ID == id })
	if i < 0 {
		return title{}, false
	}
	return s.library[i], true
}

// paged is a question for a page.
type paged struct {
	Offset *int `json:"offset"`
	Count  *int `json:"count"`
}

// cut returns the page of n entries as from and to, or an errcode: the offset is
// 0 or more, the count 1 to 20.
func (p paged) cut(n int) (from, to, code int) {
	if p.Offset == nil || p.Count == nil {
		return 0, 0, 41011
	}
	if *p.Offset < 0 || *p.Count < 1 || *p.Count > 20 {
		return 0, 0, 40097
	}
	from = min(*p.Offset, n)
	return from, min(from+*p.Count, n), 0
}

// listLibrary serves POST /cgi-bin/wxopen/template/library/list.
func (s *Sim) listLibrary(w http.ResponseWriter, r *http.Request) {
	var in paged
	_, code := s.ask(r, &in)
	from, to := 0, 0
	if code == 0 {
		from, to, code = in.cut(len(s.library))
	}
	entries := make([]template.Entry, 0, to-from)
	for _, t := range s.library[from:to] {
		entries = append(entries, t.Entry)
	}
	s.tell(w, code, map[string]any{"list": entries, "total_count": len(s.library)})
}

// tellKeywords serves POST /cgi-bin/wxopen/template/library/get.
func (s *Sim) tellKeywords(w http.ResponseWriter, r *http.Request) {
	var in struct {
		ID string `json:"id"`
	}
	_, code := s.ask(r, &in)
	t, known := s.titled(in.ID)
	if code == 0 && !known {
		code = 40037
	}
	s.tell(w, code, map[string]any{"id": t.ID, "title": t.Title, "keyword_list": t.Keywords})
}

// tell answers an errcode, or what there is to tell.
func (s *Sim) tell(w http.ResponseWriter, code int, told map[string]any) {
	if code != 0 {
		write(w, refusal(code, "", s.now()).body)
		return
	}
	told["errcode"], told["errmsg"] = 0, "ok"
	body, _ := json.Marshal(told) // strings and numbers always can be
	write(w, body)
}
