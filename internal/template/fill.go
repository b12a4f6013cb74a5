package template

import (
	"encoding/json"

	"wxdispatch/internal/message"
)

// Fill is what a message fills a template with.
type Fill struct {
	Kind       message.Kind
	Path       string // where it stands in the message: body, body.weapp_template_msg
	TemplateID string
	Data       message.Data
	Emphasis   string // emphasis_keyword, as keyword1.DATA, or ""
}

// FillOf returns what a message fills a template of its own account with; false
// for onetime, whose template is the same for all, and for a uniform message
// whose template is another account's.
func FillOf(m *message.Message) (Fill, bool) {
	f := Fill{Kind: m.Kind, Path: "body"}
	switch b := m.Body.(type) {
	case *message.TemplateBody:
		f.TemplateID, f.Data = b.Template, b.Data
	case *message.BizsendBody:
		f.TemplateID, f.Data = b.Template, b.Data
	case *message.SubscribeBody:
		f.TemplateID, f.Data = b.Template, b.Data
	case *message.WXOpenBody:
		f.TemplateID, f.Data, f.Emphasis = b.Template, b.Data, b.Emphasis
	case *message.UniformBody:
		if b.Weapp == nil {
			return f, false
		}
		f.Path += ".weapp_template_msg"
		f.TemplateID, f.Data, f.Emphasis = b.Weapp.Template, b.Weapp.Data, b.Weapp.Emphasis
	default:
		return f, false
	}
	return f, true
}

// text is a value as people read it; a number is its literal.
func text(v message.Value) string {
	var s string
	if json.Unmarshal(v.Value, &s) == nil {
		return s
	}
	return string(v.Value)
}
