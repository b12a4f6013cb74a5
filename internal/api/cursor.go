package api

import (
	"encoding/base64"
	"encoding/json"

	"wxdispatch/internal/fault"
)

// cursor is where a list stands: behind a message. Callers hand it back as they
// got it.
type cursor struct {
	At    int64  `json:"a"`           // of that message, in milliseconds: taken, or ended
	ID    string `json:"i"`           // of that message
	Began int64  `json:"b,omitempty"` // when a replay's first page began, in microseconds
}

func (c cursor) String() string {
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // numbers and a text can be said
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// readCursor reads what a page called next; none is the beginning.
func readCursor(text string) (c cursor, wrong []fault.Field) {
	if text == "" {
		return c, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err != nil {
		wrong = []fault.Field{{Path: "cursor", Message: "is none of ours; hand over what the page before calls next, as it is, or leave it out to begin anew"}}
	}
	return c, wrong
}
