package message

// TokenComplaint says what is wrong with an openid, a template id or another
// name that WeChat made, which is handed on untouched; empty when it is good.
func TokenComplaint(text string) string {
	if isToken(text) {
		return ""
	}
	return "found " + quoted(text) + "; allowed are 1 to 128 of ASCII's visible characters, without spaces"
}
