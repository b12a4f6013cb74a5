package message

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep a message may nest. The deepest field that WeChat knows
// stands six levels down, so more is never meant.
const maxDepth = 16

type nodeKind byte

const (
	objectNode nodeKind = iota + 1
	arrayNode
	stringNode
	numberNode
	boolNode
	nullNode
)

// node is one JSON value. Unlike the standard decoder's it keeps numbers as
// they were written and knows of keys that stand twice.
type node struct {
	kind    nodeKind
	text    string   // the string, unescaped; else the number or word as written
	members []member // of an object; of an array its items, without names
}

// member is one field of an object; an object's members are sorted by name.
type member struct {
	name  string
	value node
}

// find returns where the member of that name stands, or belongs.
func (n node) find(name string) (int, bool) {
	return search(n.members, name)
}

func search(members []member, name string) (int, bool) {
	for i := range members {
		if members[i].name >= name {
			return i, members[i].name == name
		}
	}
	return len(members), false
}

func (n node) get(name string) (node, bool) {
	i, ok := n.find(name)
	if !ok {
		return node{}, false
	}
	return n.members[i].value, true
}

// parser walks JSON whose syntax was checked before, and collects what the
// syntax does not forbid but a message may not have: keys twice, texts that
// cannot be sent, nesting without end.
type parser struct {
	*check
	data []byte
	all  string // data, of which the texts of nodes are parts
	pos  int
	path []string
	deep bool     // maxDepth was met: the rest was not read
	open []member // of the objects and arrays that have not ended yet
	kept []member // of those that have: a message has dozens, and few slices of them
}

// slab is for how many members room is made at once, beyond the colons of a text.
const slab = 16

// keep takes the members from first on off those that are open.
func (p *parser) keep(first int) []member {
	n := len(p.open) - first
	if cap(p.kept)-len(p.kept) < n {
		p.kept = make([]member, 0, max(n, slab))
	}
	at := len(p.kept)
	p.kept = append(p.kept, p.open[first:]...)
	p.open = p.open[:first]
	return p.kept[at:len(p.kept):len(p.kept)]
}

func (p *parser) value() node {
	p.space()
	switch p.data[p.pos] {
	case '{':
		return p.object()
	case '[':
		return p.array()
	case '"':
		s, complaint := p.text()
		if complaint != "" {
			p.wrong(joinPath(p.path), "%s", complaint)
		}
		return node{kind: stringNode, text: s}
	case 't', 'f':
		return node{kind: boolNode, text: p.word()}
	case 'n':
		return node{kind: nullNode, text: p.word()}
	}
	return node{kind: numberNode, text: p.word()}
}

func (p *parser) object() node {
	first := len(p.open)
	for p.enter('}') {
		name, complaint := p.text()
		p.path = append(p.path, name)
		if complaint != "" {
			p.wrong(joinPath(p.path), "in the field's name: %s", complaint)
		}
		p.space()
		p.pos++ // the colon
		value := p.value()
		p.open = append(p.open, member{name, value})
		p.path = p.path[:len(p.path)-1]
		if p.deep {
			return node{kind: objectNode}
		}
	}
	n := node{kind: objectNode, members: p.keep(first)}
	if !slices.IsSortedFunc(n.members, byName) {
		slices.SortStableFunc(n.members, byName)
	}
	for i, m := range n.members {
		if i > 0 && m.name == n.members[i-1].name {
			p.wrong(joinPath(append(p.path, m.name)), "stands more than once; keep one of them")
		}
	}
	return n
}

func byName(a, b member) int { return strings.Compare(a.name, b.name) }

func (p *parser) array() node {
	first := len(p.open)
	for p.enter(']') {
		p.path = append(p.path, strconv.Itoa(len(p.open)-first))
		value := p.value()
		p.open = append(p.open, member{value: value})
		p.path = p.path[:len(p.path)-1]
		if p.deep {
			return node{kind: arrayNode}
		}
	}
	return node{kind: arrayNode, members: p.keep(first)}
}

// enter moves to the next element of an object or array, past its opening
// bracket or a comma. It returns false past the closing one, or when the
// nesting is too deep.
func (p *parser) enter(end byte) bool {
	if len(p.path) >= maxDepth {
		p.deep = true
		p.wrong(joinPath(p.path), "nested more than %d levels deep; no message needs more than 6", maxDepth)
		return false
	}
	p.space()
	if p.data[p.pos] == end {
		p.pos++
		return false
	}
	p.pos++
	p.space()
	if p.data[p.pos] == end { // an empty one
		p.pos++
		return false
	}
	return true
}

func (p *parser) space() {
	for p.pos < len(p.data) && isSpace(p.data[p.pos]) {
		p.pos++
	}
}

func (p *parser) word() string {
	start := p.pos
	for p.pos < len(p.data) && !isSpace(p.data[p.pos]) && !strings.ContainsRune(",]}", rune(p.data[p.pos])) {
		p.pos++
	}
	return p.all[start:p.pos]
}

// text reads a string. The complaint tells why it cannot be sent, or is empty.
func (p *parser) text() (s, complaint string) {
	start := p.pos + 1
	end, escaped := start, false
	for p.data[end] != '"' {
		if p.data[end] == '\\' {
			escaped = true
			end++
		}
		end++
	}
	p.pos = end + 1
	if !escaped {
		s = p.all[start:end]
		return s, unsendable(s)
	}
	s, whole := unescape(p.data[start:end])
	if !whole {
		return s, `has half of a \u surrogate pair; write the character itself, in UTF-8`
	}
	return s, unsendable(s)
}

// unescape resolves the escapes of a string of valid syntax; whole is false
// when a surrogate stands alone, which no UTF-8 can say.
func unescape(raw []byte) (s string, whole bool) {
	out, whole := make([]byte, 0, len(raw)), true
	for i := 0; i < len(raw); {
		switch {
		case raw[i] != '\\':
			out = append(out, raw[i])
			i++
		case raw[i+1] != 'u':
			out = append(out, longForm(raw[i+1]))
			i += 2
		default:
			r := hexRune(raw[i:])
			i += 6
			if utf16.IsSurrogate(r) {
				r = utf16.DecodeRune(r, hexRune(raw[i:]))
				if r == utf8.RuneError {
					whole = false
				} else {
					i += 6
				}
			}
			out = utf8.AppendRune(out, r)
		}
	}
	return string(out), whole
}

// hexRune reads a \uXXXX escape, or returns 0 when none stands there.
func hexRune(raw []byte) rune {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return 0
	}
	r, err := strconv.ParseUint(string(raw[2:6]), 16, 16)
	if err != nil {
		return 0
	}
	return rune(r)
}

func longForm(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c // " \ and /
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// parse checks size and syntax and reads data, which stands at path, into a
// tree. Without ok the mistakes are in c and the tree is not whole.
func (c *check) parse(data []byte, path ...string) (root node, ok bool) {
	if len(data) > MaxSize {
		c.wrong("", "has %d bytes; allowed are %d (1 MiB)", len(data), MaxSize)
		return node{}, false
	}
	if !json.Valid(data) {
		at, words := syntaxMistake(data)
		c.wrong(at.String(), "%s", words)
		return node{}, false
	}
	p := parser{check: c, data: data, all: string(data), path: path, open: make([]member, 0, 8),
		kept: make([]member, 0, min(bytes.Count(data, []byte{':'}), 2*slab))}
	root = p.value()
	return root, !p.deep
}
