package wechattest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
)

// ContentKey returns the Key that a request body gets: the SHA-256, in hex, of
// its bytes without the top-level member client_msg_id and its comma. For a body
// without that member it is the SHA-256 of the body.
func ContentKey(body []byte) string {
	key := sum(body)
	return hex.EncodeToString(key[:])
}

func sum(body []byte) [32]byte {
	from, to := member(body, []byte(`"client_msg_id"`))
	if from == to {
		return sha256.Sum256(body)
	}
	rest := make([]byte, 0, len(body))
	return sha256.Sum256(append(append(rest, body[:from]...), body[to:]...))
}

// member returns where the top-level member of that quoted name stands in a
// valid JSON object, with the one comma that goes with it; from == to when there
// is none.
func member(object, quoted []byte) (from, to int) {
	depth, before := 0, -1 // before: the comma in front of the member being read
	start, wanted := 0, false
	for i := 0; i < len(object); i++ {
		switch object[i] {
		case '"':
			end := stringEnd(object, i)
			if depth == 1 && !wanted && isName(object, end) && bytes.Equal(object[i:end], quoted) {
				start, wanted = i, true
			}
			i = end - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 && wanted {
				if before >= 0 {
					start = before
				}
				return start, i
			}
		case ',':
			if depth != 1 {
				continue
			}
			if wanted {
				return start, i + 1
			}
			before = i
		}
	}
	return 0, 0
}

// isName tells whether the string that ended at end is a member's name.
func isName(object []byte, end int) bool {
	rest := bytes.TrimLeft(object[min(end, len(object)):], " \t\r\n")
	return len(rest) > 0 && rest[0] == ':'
}

// stringEnd returns the index behind the string that begins at start.
func stringEnd(b []byte, start int) int {
	for i := start + 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}
