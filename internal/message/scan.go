package message

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// extent finds the end of one JSON value, a byte at a time. It only counts
// brackets and quotes; whether they match is for the syntax check after it.
type extent struct {
	depth   int
	quoted  bool // inside a string
	escaped bool // after a backslash in a string
}

// add takes a byte that belongs to the value and tells whether the value ends
// with it. A string ends at a raw line break, too, which JSON forbids in one:
// so a missing quote costs one line, not the rest of the stream.
func (e *extent) add(c byte) (done bool) {
	switch {
	case e.escaped:
		e.escaped = false
	case e.quoted:
		e.escaped = c == '\\'
		e.quoted = c != '"'
		return c == '\n' || c == '"' && e.depth == 0
	case c == '"':
		e.quoted = true
	case c == '{' || c == '[':
		e.depth++
	case c == '}' || c == ']':
		e.depth--
		return e.depth <= 0
	}
	return false
}

// stops tells whether c stands behind a number or word, which has no end mark
// of its own.
func (e *extent) stops(c byte) bool {
	return e.depth == 0 && !e.quoted && (isSpace(c) || c == ',' || c == ']' || c == '}' || c == '{' || c == '[' || c == '"')
}

// value reads one value, whose first byte is there, and checks its syntax.
func (s *splitter) value() (json.RawMessage, error) {
	start := s.at
	var e extent
	raw := append(s.buf[:0], s.take())
	done := e.add(raw[0])
	for !done {
		head, err := s.r.Peek(1)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, s.failed(err)
		}
		if e.stops(head[0]) {
			break
		}
		if len(raw) == MaxSize {
			return nil, tooBig(raw, start)
		}
		raw = append(raw, s.take())
		done = e.add(raw[len(raw)-1])
	}
	s.buf = raw
	if !json.Valid(raw) {
		at, words := syntaxMistake(raw)
		return nil, mistake(at.from(start), words)
	}
	return bytes.Clone(raw), nil
}

// tooBig tells why a value has no end within MaxSize bytes: most often a
// bracket is missing, and then the place of that is told.
func tooBig(raw []byte, start place) error {
	at, words := syntaxMistake(raw)
	if at != placeAt(raw, len(raw)) {
		return mistake(at.from(start), words)
	}
	return mistake(start, fmt.Sprintf("the value that starts here has more than %d bytes (1 MiB), the most that a message may have", MaxSize))
}
