package wechattest

import (
	"net/http"

	"wxdispatch/internal/message"
	"wxdispatch/internal/template"
)

// templateRoutes are the interfaces that manage templates.
func (s *Sim) templateRoutes() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"/cgi-bin/wxopen/template/library/list":      s.forType(message.MiniProgram, s.listLibrary),
		"/cgi-bin/wxopen/template/library/get":       s.forType(message.MiniProgram, s.tellKeywords),
		"/cgi-bin/wxopen/template/add":               s.forType(message.MiniProgram, s.addTemplate),
		"/cgi-bin/wxopen/template/list":              s.forType(message.MiniProgram, s.listTemplates),
		"/cgi-bin/wxopen/template/del":               s.forType(message.MiniProgram, s.removeTemplate(template.OfForms)),
		"/cgi-bin/template/get_all_private_template": s.forType(message.Official, s.allTemplates(template.OfSends)),
		"/cgi-bin/template/del_private_template":     s.forType(message.Official, s.removeTemplate(template.OfSends)),
		"/wxaapi/newtmpl/gettemplate":                s.allTemplates(template.OfConsents),
		"/wxaapi/newtmpl/deltemplate":                s.removeTemplate(template.OfConsents),
	}
}

// forType answers 48001 to an account of the other type.
func (s *Sim) forType(t message.AccountType, handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		acc, code := s.bearer(r.URL.Query().Get("access_token"), s.now())
		if code == 0 && acc.app.Type != "" && acc.app.Type != t {
			write(w, refusal(48001, "", s.now()).body)
			return
		}
		handle(w, r) // which looks at the token itself
	}
}

// listTemplates serves POST /cgi-bin/wxopen/template/list.
func (s *Sim) listTemplates(w http.ResponseWriter, r *http.Request) {
	var in paged
	acc, code := s.ask(r, &in)
	if code != 0 {
		s.tell(w, code, nil)
		return
	}
	acc.mu.Lock()
	list := acc.book.shelf.of(template.OfForms)
	acc.mu.Unlock()
	from, to, code := in.cut(len(list))
	s.tell(w, code, map[string]any{"list": formRows(list[from:to])})
}

// allTemplates serves what is asked with GET: all of a sort at once.
func (s *Sim) allTemplates(sort template.Sort) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			s.tell(w, 43001, nil)
			return
		}
		acc, code := s.bearer(r.URL.Query().Get("access_token"), s.now())
		if code != 0 {
			s.tell(w, code, nil)
			return
		}
		acc.mu.Lock()
		list := acc.book.shelf.of(sort)
		acc.mu.Unlock()
		if sort == template.OfConsents {
			s.tell(w, 0, map[string]any{"data": subscriptionRows(list)})
			return
		}
		s.tell(w, 0, map[string]any{"template_list": privateRows(list)})
	}
}

func formRows(list []template.Template) []map[string]any {
	rows := []map[string]any{}
	for _, t := range list {
		rows = append(rows, map[string]any{"template_id": t.ID, "title": t.Title, "content": t.Content, "example": t.Example})
	}
	return rows
}

func subscriptionRows(list []template.Template) []map[string]any {
	rows := []map[string]any{}
	for _, t := range list {
		rows = append(rows, map[string]any{"priTmplId": t.ID, "title": t.Title, "content": t.Content, "example": t.Example, "type": t.Type})
	}
	return rows
}

func privateRows(list []template.Template) []map[string]any {
	rows := []map[string]any{}
	for _, t := range list {
		rows = append(rows, map[string]any{"template_id": t.ID, "title": t.Title, "primary_industry": "消费品", "deputy_industry": "消费品",
			"content": t.Content, "example": t.Example})
	}
	return rows
}

// removeTemplate serves the calls that delete one.
func (s *Sim) removeTemplate(sort template.Sort) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			ID    string `json:"template_id"`
			PriID string `json:"priTmplId"`
		}
		acc, code := s.ask(r, &in)
		if code == 0 {
			acc.mu.Lock()
			code = acc.book.shelf.remove(sort, in.ID+in.PriID)
			acc.mu.Unlock()
		}
		s.tell(w, code, map[string]any{})
	}
}
