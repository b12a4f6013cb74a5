package message_test

import (
	"testing"
	"unicode/utf8"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// Whatever text stands in a draft, its message says exactly that, or it is told
// to be no message; a draft never becomes another one's JSON.
func FuzzCompose(f *testing.F) {
	f.Add("a", "o", `","kind":"bizsend","x":"`, "v")
	f.Add("", "o", "k", "\x00\xff\u2028\\\"")
	f.Fuzz(func(t *testing.T, id, openid, name, text string) {
		m, err := message.Compose(message.Draft{ID: id, Account: "shop", Body: &message.TemplateBody{ToUser: openid, Template: "tpl",
			URL: text, Data: message.Data{name: message.Text(text)}}})
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%v is no mistake of the input", err)
			}
			return
		}
		body := m.Body.(*message.TemplateBody)
		if m.ID != id || m.Kind != message.Template || body.ToUser != openid || body.URL != text || len(body.Data) != 1 || !utf8.ValidString(text) {
			t.Errorf("%q %q %q %q became %s", id, openid, name, text, m.Raw)
		}
		again, err := message.Decode(m.Raw)
		if err != nil || again.Digest != m.Digest {
			t.Errorf("%s: %v", m.Raw, err)
		}
	})
}
