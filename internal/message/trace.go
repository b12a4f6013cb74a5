package message

// ValidTrace tells whether text is a traceparent of W3C's version 00:
// 00-TRACE-SPAN-FLAGS, small hex digits of 32, 16 and 2.
func ValidTrace(text string) bool {
	if len(text) != 55 || text[:3] != "00-" {
		return false
	}
	for i := range len(text) {
		switch c := text[i]; {
		case i == 2 || i == 35 || i == 52:
			if c != '-' {
				return false
			}
		case (c < '0' || c > '9') && (c < 'a' || c > 'f'):
			return false
		}
	}
	return true
}
