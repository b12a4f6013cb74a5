package message

// MaxSize is the greatest size of a message's JSON in bytes, its id included.
const MaxSize = 1 << 20

const (
	maxID      = 64
	maxAccount = 32
	maxToken   = 128 // openid, template id, appid, permit code

	// idRoom is what giving an id may add to a message that has none. It is
	// kept free, so that what intake took always decodes again.
	idRoom = maxID + len(`"id":"",`)
)

// ValidID tells whether id may name a message or a batch: 1 to 64 of
// A-Za-z0-9_.:-.
func ValidID(id string) bool {
	return fits(id, maxID, func(c byte) bool {
		return isAlnum(c) || c == '_' || c == '.' || c == ':' || c == '-'
	})
}

// ValidAccount tells whether name may name an account: 1 to 32 lower-case
// letters, digits and hyphens. It becomes part of keys and queue names, which
// is why it has no dot, brace or colon.
func ValidAccount(name string) bool {
	return fits(name, maxAccount, func(c byte) bool {
		return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-'
	})
}

func isToken(text string) bool {
	return fits(text, maxToken, func(c byte) bool { return c > ' ' && c < 0x7f })
}

func fits(text string, most int, allowed func(byte) bool) bool {
	for i := range len(text) {
		if !allowed(text[i]) {
			return false
		}
	}
	return text != "" && len(text) <= most
}
