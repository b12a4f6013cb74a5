package message

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// place is a position in a text as editors count it: lines and columns from 1,
// a column a character.
type place struct{ line, column int }

func (p place) String() string { return fmt.Sprintf("line %d, column %d", p.line, p.column) }

// placeAt returns where the byte at offset stands.
func placeAt(data []byte, offset int) place {
	before := data[:min(offset, len(data))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return place{1 + bytes.Count(before, []byte{'\n'}), 1 + utf8.RuneCount(before[start:])}
}

// after returns the place behind the byte c, which stands at p. Only the first
// byte of a character moves the column.
func (p place) after(c byte) place {
	switch {
	case c == '\n':
		return place{p.line + 1, 1}
	case utf8.RuneStart(c):
		p.column++
	}
	return p
}

// from returns where p stands in the text around, when its own text starts at
// start there.
func (p place) from(start place) place {
	if p.line == 1 {
		return place{start.line, start.column + p.column - 1}
	}
	return place{start.line + p.line - 1, p.column}
}

// syntaxMistake tells where and why data is not one JSON value.
func syntaxMistake(data []byte) (place, string) {
	var into json.RawMessage
	err := json.Unmarshal(data, &into)
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return place{1, 1}, fmt.Sprintf("is not JSON: %v", err)
	}
	words := syntax.Error()
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return place{1, 1}, "is empty; give one JSON object"
	case strings.HasPrefix(words, "unexpected end"):
		return placeAt(data, len(data)), "the JSON ends too early; a bracket or a quote is missing"
	case strings.HasSuffix(words, "after top-level value"):
		words = "more follows after the end of the message; hand over one object at a time"
	default:
		words = "is not JSON: " + words
	}
	return placeAt(data, int(syntax.Offset)-1), words
}
