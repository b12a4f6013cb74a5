package message

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// MaxClientMsgID is the longest client_msg_id in bytes; WeChat refuses longer
// ones (45067).
const MaxClientMsgID = 32

// ClientMsgID returns the idempotency key of a message in its life (from 1).
// The first life's is the id itself where WeChat takes it: at most 32 of
// A-Za-z0-9_.-; else, and for later lives, 32 hex digits of a SHA-256. WeChat
// sends one message an openid and client_msg_id for 10 minutes and promises
// nothing after that.
func ClientMsgID(id string, life int) string {
	if life <= 1 && len(id) <= MaxClientMsgID && plain(id) {
		return id
	}
	text := id
	if life > 1 {
		text += "\n" + strconv.Itoa(life)
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])[:MaxClientMsgID]
}

func plain(id string) bool {
	for i := range len(id) {
		if c := id[i]; !isAlnum(c) && c != '_' && c != '.' && c != '-' {
			return false
		}
	}
	return id != ""
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}
