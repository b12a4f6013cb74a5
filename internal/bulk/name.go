package bulk

import (
	"crypto/sha256"
	"encoding/base64"
	"path/filepath"
	"strings"

	"wxdispatch/internal/message"
)

// BatchName is what a batch of a file is called when nobody says: the file's
// name without its endings, made a valid one; "" when nothing is left of it. The
// refused rows of a file belong to the same batch.
func BatchName(file string) string {
	name := filepath.Base(file)
	for trimmed := true; trimmed; {
		trimmed = false
		for _, end := range []string{".gz", ".csv", ".ndjson", ".jsonl", ".json", ".txt", ".refused"} {
			if short, ok := strings.CutSuffix(name, end); ok {
				name, trimmed = short, true
			}
		}
	}
	name = strings.Map(func(r rune) rune {
		if r < 0x80 && message.ValidID(string(r)) {
			return r
		}
		return '-'
	}, name)
	if name = strings.Trim(name, "-."); len(name) > 64 {
		name = name[:64]
	}
	return name
}

// rowID is the id of a row that names none: the same whenever the row is loaded
// into the batch, and another for any other row. 22 characters, so that WeChat
// takes it as client_msg_id as it is.
func rowID(batch, digest string) string {
	sum := sha256.Sum256([]byte(batch + "\x00" + digest))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}
