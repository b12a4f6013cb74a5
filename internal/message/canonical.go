package message

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"unicode/utf8"
)

// Digest stands for a content: the first 12 bytes of the SHA-256 of its
// canonical JSON, as 16 characters of base64url. Two given contents share one
// by a chance of 1 in 2^96 (about 10^29). Digests are compared only between
// messages of one id, so that chance does not grow with the number of messages.
func Digest(canonical []byte) string { return digest(canonical, nil) }

// digest is the Digest of two parts together.
func digest(before, after []byte) string {
	h := sha256.New()
	h.Write(before)
	h.Write(after)
	var sum [sha256.Size]byte
	return base64.RawURLEncoding.EncodeToString(h.Sum(sum[:0])[:12])
}

// appendCanonical writes n in the one form that equal contents share: keys
// sorted, no white space, numbers as they were written, no escape that JSON
// does not demand.
func appendCanonical(dst []byte, n node) []byte {
	switch n.kind {
	case objectNode:
		dst = append(dst, '{')
		for i, m := range n.members {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendString(dst, m.name)
			dst = appendCanonical(append(dst, ':'), m.value)
		}
		return append(dst, '}')
	case arrayNode:
		dst = append(dst, '[')
		for i, item := range n.members {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendCanonical(dst, item.value)
		}
		return append(dst, ']')
	case stringNode:
		return appendString(dst, n.text)
	}
	return append(dst, n.text...)
}

// appendString writes text as a JSON string without one \uXXXX, which WeChat
// refuses (40033, 47002). The standard encoder cannot do that: it escapes
// U+2028 and U+2029 whatever it is told. The text must not be unsendable.
func appendString(dst []byte, text string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := range len(text) {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		if short := shortForm(c); short != 0 {
			dst = append(append(dst, text[start:i]...), '\\', short)
			start = i + 1
		}
	}
	return append(append(dst, text[start:]...), '"')
}

// shortForm returns the letter of the two-character escape that c needs, or 0.
func shortForm(c byte) byte {
	switch c {
	case '"', '\\':
		return c
	case '\b':
		return 'b'
	case '\f':
		return 'f'
	case '\n':
		return 'n'
	case '\r':
		return 'r'
	case '\t':
		return 't'
	}
	return 0
}

// unsendable tells why a text cannot stand in a request to WeChat, or is empty.
func unsendable(text string) string {
	if !utf8.ValidString(text) {
		return "is not UTF-8 (GBK is a usual cause); hand the text over in UTF-8"
	}
	for i := range len(text) {
		if c := text[i]; c < ' ' && shortForm(c) == 0 {
			return fmt.Sprintf("has the control character U+%04X, which WeChat takes in no form; take it out", c)
		}
	}
	return ""
}
