package message

import (
	"time"

	"wxdispatch/internal/fault"
)

// Draft is a message as a program puts it together, typed and not yet judged.
// What is empty is left out of the JSON that stands for it; times are written
// in UTC, so that one instant is one content, whatever its zone.
type Draft struct {
	ID, Account    string
	Body           Body // its placeholders' values are made with Text
	SendAt         time.Time
	ExpiresAt      time.Time
	Delivery       Delivery
	PermitIssuedAt time.Time
	Batch          string
	Force          bool
}

// Compose makes the message that Decode makes of the draft's JSON: the same
// checks with the same words and paths, the same Raw, the same Digest.
func Compose(d Draft) (*Message, error) {
	if d.Body == nil {
		return nil, fault.InvalidFields("message.compose", []fault.Field{{Path: "body", Message: "missing; give the body of one of the six kinds"}})
	}
	return Decode(d.json())
}

// Text is a placeholder's value that is this text, for a Draft. What cannot be
// sent stays recognisable, so that Compose tells it.
func Text(text string) Value { return Value{Value: appendDraft(nil, text)} }

func (d Draft) json() []byte {
	w := &writer{draft: true, path: []string{""}, buf: []byte{'{'}}
	w.optional("id", d.ID)
	w.text("account", d.Account)
	w.text("kind", string(d.Body.Kind()))
	w.when("send_at", d.SendAt)
	w.when("expires_at", d.ExpiresAt)
	w.optional("delivery", string(d.Delivery))
	w.when("permit_issued_at", d.PermitIssuedAt)
	w.optional("batch", d.Batch)
	if d.Force {
		w.name("force")
		w.buf = append(w.buf, "true"...)
	}
	w.name("body")
	w.path = nil // as Wire begins
	w.body(d.Body, "")
	return append(w.buf, '}')
}

func (w *writer) when(name string, t time.Time) {
	if !t.IsZero() {
		w.text(name, t.UTC().Format(time.RFC3339Nano))
	}
}

// appendDraft writes text so that a decoder reads exactly it: also what may not
// be sent, which the decoder's checks are to find and name.
func appendDraft(dst []byte, text string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := range len(text) {
		switch c := text[i]; {
		case shortForm(c) != 0:
			dst = append(dst, '\\', shortForm(c))
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
