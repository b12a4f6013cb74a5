package bulk

// quoting follows the quotes of a CSV record, a byte at a time, to find where
// the record ends: at a line break that stands in no quotes.
type quoting struct {
	state quoteState
}

type quoteState byte

const (
	fieldStart quoteState = iota // before a field's first byte
	plain                        // in a field without quotes
	quoted                       // in quotes
	quoteSeen                    // after a quote in quotes: its end, or half of ""
	brokenOff                    // neither: the quoting is broken
)

// add takes a line and tells whether the record ends with it, and whether its
// quoting is broken.
func (q *quoting) add(text []byte) (done, broken bool) {
	for _, c := range text {
		switch {
		case q.state == fieldStart && c == '"':
			q.state = quoted
		case q.state == quoted && c == '"':
			q.state = quoteSeen
		case q.state == quoted:
		case q.state == quoteSeen && c == '"':
			q.state = quoted
		case c == ',':
			q.state = fieldStart
		case q.state == quoteSeen && c != '\r' && c != '\n':
			q.state = brokenOff
			return true, true
		case q.state == fieldStart && c != '\r' && c != '\n':
			q.state = plain
		}
	}
	return q.state != quoted, false
}
