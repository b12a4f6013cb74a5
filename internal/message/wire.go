package message

import (
	"encoding/json"
	"slices"
	"unicode/utf8"

	"wxdispatch/internal/fault"
)

// Wire returns the exact request that WeChat gets for b: UTF-8, no escape that
// JSON does not demand and never a \uXXXX (40033, 47002), no empty miniprogram
// (40165), placeholders sorted by name. Equal bodies give equal bytes.
//
// clientMsgID goes into kind template only; the other kinds have no
// idempotency key, and Wire leaves it out there. Empty: none is sent.
//
// A body from Decode never fails. One made by hand fails with class invalid
// when a text cannot be sent, a value is neither string nor number, or
// clientMsgID is longer than MaxClientMsgID.
func Wire(b Body, clientMsgID string) ([]byte, error) {
	w := &writer{buf: make([]byte, 0, 512)}
	w.body(b, clientMsgID)
	if err := fault.InvalidFields("message.wire", w.fields); err != nil {
		return nil, err
	}
	return w.buf, nil
}

func (w *writer) body(b Body, clientMsgID string) {
	switch b := b.(type) {
	case *TemplateBody:
		w.template(b, clientMsgID)
	case *BizsendBody:
		w.bizsend(b)
	case *OnetimeBody:
		w.onetime(b)
	case *WXOpenBody:
		w.wxopen(b)
	case *SubscribeBody:
		w.subscribe(b)
	case *UniformBody:
		w.uniform(b)
	default:
		w.wrong("body", "found a %T; allowed are the bodies of this package", b)
	}
}

func (w *writer) template(b *TemplateBody, clientMsgID string) {
	w.open("")
	w.text("touser", b.ToUser)
	w.text("template_id", b.Template)
	w.optional("url", b.URL)
	w.link(b.MiniProgram)
	w.optional("topcolor", b.TopColor)
	w.data(b.Data)
	if len(clientMsgID) > MaxClientMsgID {
		w.wrong("body.client_msg_id", "has %d bytes; allowed are %d", len(clientMsgID), MaxClientMsgID)
	}
	w.optional("client_msg_id", clientMsgID)
	w.close()
}

func (w *writer) bizsend(b *BizsendBody) {
	w.open("")
	w.text("touser", b.ToUser)
	w.text("template_id", b.Template)
	w.optional("page", b.Page)
	w.link(b.MiniProgram)
	w.data(b.Data)
	w.close()
}

func (w *writer) onetime(b *OnetimeBody) {
	w.open("")
	w.text("touser", b.ToUser)
	w.text("template_id", b.Template)
	w.optional("url", b.URL)
	w.link(b.MiniProgram)
	w.scene(b.Scene)
	w.text("title", b.Title)
	w.data(b.Data)
	w.close()
}

func (w *writer) scene(scene json.Number) {
	switch valid := validScene(scene.String()); {
	case !valid && w.draft:
		w.text("scene", scene.String())
		return
	case !valid:
		w.wrong("body.scene", "found %s; allowed is a whole number from 0 to 10000", quoted(scene.String()))
	}
	w.name("scene")
	w.buf = append(w.buf, scene...)
}

func (w *writer) wxopen(b *WXOpenBody) {
	w.open("")
	w.text("touser", b.ToUser)
	w.text("template_id", b.Template)
	w.optional("page", b.Page)
	w.optional("form_id", b.FormID)
	w.data(b.Data)
	w.optional("emphasis_keyword", b.Emphasis)
	w.close()
}

func (w *writer) subscribe(b *SubscribeBody) {
	w.open("")
	w.text("touser", b.ToUser)
	w.text("template_id", b.Template)
	w.optional("page", b.Page)
	w.optional("miniprogram_state", b.State)
	w.optional("lang", b.Lang)
	w.data(b.Data)
	w.close()
}

func (w *writer) uniform(b *UniformBody) {
	w.open("")
	w.text("touser", b.ToUser)
	if b.Weapp != nil {
		w.weapp(b.Weapp)
	}
	if b.MP != nil {
		w.mp(b.MP)
	}
	w.close()
}

func (w *writer) weapp(p *WeappPart) {
	w.open("weapp_template_msg")
	w.text("template_id", p.Template)
	w.optional("page", p.Page)
	w.optional("form_id", p.FormID)
	w.data(p.Data)
	w.optional("emphasis_keyword", p.Emphasis)
	w.close()
}

func (w *writer) mp(p *MPPart) {
	w.open("mp_template_msg")
	w.text("appid", p.AppID)
	w.text("template_id", p.Template)
	w.optional("url", p.URL)
	w.link(p.MiniProgram)
	w.data(p.Data)
	w.close()
}

func (w *writer) link(l *MiniProgramLink) {
	if l == nil || *l == (MiniProgramLink{}) {
		return
	}
	w.open("miniprogram")
	w.text("appid", l.AppID)
	w.optional("pagepath", l.PagePath)
	w.close()
}

func (w *writer) data(d Data) {
	w.open("data")
	names := make([]string, 0, len(d))
	for name := range d {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		w.open(name)
		w.value(d[name].Value)
		w.optional("color", d[name].Color)
		w.close()
	}
	w.close()
}

// isWritten tells whether a value is a string without escapes, which has only one
// form.
func isWritten(raw json.RawMessage) bool {
	last := len(raw) - 1
	if last < 1 || raw[0] != '"' || raw[last] != '"' {
		return false
	}
	for _, c := range raw[1:last] {
		if c < ' ' || c == '"' || c == '\\' {
			return false
		}
	}
	return utf8.Valid(raw)
}

// value writes a placeholder's value; a string is written anew, since the
// app's own spelling may have escapes that WeChat refuses.
func (w *writer) value(raw json.RawMessage) {
	if w.draft {
		if raw != nil {
			w.name("value")
			w.buf = append(w.buf, raw...)
		}
		return
	}
	if isWritten(raw) {
		w.name("value")
		w.buf = append(w.buf, raw...)
		return
	}
	at := append(slices.Clone(w.path), "value")
	c := &check{}
	n, ok := c.parse(raw, at...)
	if !ok || n.kind != stringNode && n.kind != numberNode {
		w.wrong(joinPath(at), "found %s; allowed is a JSON string or number", quoted(string(raw)))
		return
	}
	w.fields = append(w.fields, c.fields...)
	w.name("value")
	w.buf = appendCanonical(w.buf, n)
}
