package message

// WithPermit returns the message with that form_id or prepay_id in its body,
// for the wire only: its content and digest stay what the app gave. Without a
// code, and for a body that takes none, it is the message itself.
func (m *Message) WithPermit(code string) *Message {
	if code == "" || m.Body.PermitCode() == code {
		return m
	}
	sent := *m
	switch body := m.Body.(type) {
	case *WXOpenBody:
		filled := *body
		filled.FormID = code
		sent.Body = &filled
	case *UniformBody:
		if body.Weapp == nil {
			return m
		}
		filled, part := *body, *body.Weapp
		part.FormID = code
		filled.Weapp = &part
		sent.Body = &filled
	}
	return &sent
}
