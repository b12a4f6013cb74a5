package message

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"wxdispatch/internal/fault"
)

// maxMistakes is how many mistakes one message is told; a broken generator
// makes thousands, and nobody reads those.
const maxMistakes = 100

// check collects what is wrong with a message, and what is only unwise.
type check struct {
	fields   []fault.Field
	warnings []fault.Field
	colour   string // path of the first colour, or ""
}

func (c *check) wrong(path, format string, args ...any) {
	switch {
	case len(c.fields) < maxMistakes:
		c.fields = append(c.fields, fault.Field{Path: path, Message: fmt.Sprintf(format, args...)})
	case len(c.fields) == maxMistakes:
		c.fields = append(c.fields, fault.Field{Message: "and more mistakes; mend these first"})
	}
}

func (c *check) warn(path, format string, args ...any) {
	c.warnings = append(c.warnings, fault.Field{Path: path, Message: fmt.Sprintf(format, args...)})
}

// found says what a value is, short enough to be shown.
func found(n node) string {
	switch n.kind {
	case objectNode:
		return "found an object"
	case arrayNode:
		return "found an array"
	case stringNode:
		return "found " + quoted(n.text)
	case numberNode:
		return "found the number " + cut(n.text)
	case nullNode:
		return "found null (a field without a value is left out)"
	}
	return "found " + n.text
}

func quoted(text string) string { return strconv.Quote(cut(text)) }

// cut keeps the first 40 characters.
func cut(text string) string {
	count := 0
	for i := range text {
		if count == 40 {
			return text[:i] + "…"
		}
		count++
	}
	return text
}

func joinPath(names []string) string {
	path := ""
	for _, name := range names {
		path = join(path, name)
	}
	return path
}

// join appends a field's name to a path; a name that would blur the path is
// put in brackets and quotes.
func join(path, name string) string {
	if isPlain(name) {
		if path == "" {
			return name
		}
		return path + "." + name
	}
	name = cut(strings.ToValidUTF8(name, "\uFFFD"))
	switch {
	case name == "" || strings.ContainsFunc(name, blurs):
		return path + "[" + strconv.Quote(name) + "]"
	case path == "":
		return name
	}
	return path + "." + name
}

// isPlain tells at once of most names that they need no care.
func isPlain(name string) bool {
	for i := range len(name) {
		if c := name[i]; !isAlnum(c) && c != '_' && c != '-' {
			return false
		}
	}
	return name != "" && len(name) <= 40
}

func blurs(r rune) bool {
	return r != '_' && r != '-' && r != '…' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

// form is what fields an object may have. Hints are for names that are known
// to be meant otherwise; their keys are folded.
type form struct {
	names []string
	hints map[string]string
}

// unknown says what to do about a name that the form does not have.
func (f form) unknown(name string) string {
	folded := fold(name)
	if hint, ok := f.hints[folded]; ok {
		return hint
	}
	for _, known := range f.names {
		if fold(known) == folded || twins[folded] == known {
			return "unknown field; did you mean " + known + "?"
		}
	}
	return "unknown field; known here are " + strings.Join(f.names, ", ")
}

// fold drops what people spell differently in one and the same name.
func fold(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(name))
}

// twins are other words for a field that apps use, folded. A twin counts only
// where the form has the field.
var twins = map[string]string{
	"openid": "touser", "to": "touser", "user": "touser", "recipient": "touser",
	"template": "template_id", "tmplid": "template_id", "tplid": "template_id", "pritmplid": "template_id",
	"path": "pagepath", "page": "pagepath", "link": "url", "href": "url",
	"prepayid": "form_id", "emphasis": "emphasis_keyword",
	"state": "miniprogram_state", "language": "lang", "colour": "color",
	"weapp": "weapp_template_msg", "mp": "mp_template_msg",
	"type": "kind", "messageid": "id", "msgid": "id", "message": "body", "payload": "body",
	"sendtime": "send_at", "at": "send_at", "expires": "expires_at", "expireat": "expires_at",
	"expiretime": "expires_at", "deliver": "delivery", "issuedat": "permit_issued_at",
}

// object is an object of a message, with its place and the collector. Its path is
// put together when something is wrong with it, which it rarely is.
type object struct {
	*check
	in, name string
	members  []member
}

// object opens the object of that name, which stands in another one's path, and
// reports every field that its form does not have.
func (c *check) object(in, name string, n node, f form) (object, bool) {
	o := object{c, in, name, n.members}
	if n.kind != objectNode {
		c.wrong(o.path(), "%s; allowed is an object", found(n))
		return object{}, false
	}
	for _, m := range n.members {
		if !slices.Contains(f.names, m.name) {
			c.wrong(o.at(m.name), "%s", f.unknown(m.name))
		}
	}
	return o, true
}

// path is empty for the message itself.
func (o object) path() string {
	if o.in == "" && o.name == "" {
		return ""
	}
	return join(o.in, o.name)
}

func (o object) get(name string) (node, bool) {
	if i, ok := search(o.members, name); ok {
		return o.members[i].value, true
	}
	return node{}, false
}

func (o object) at(name string) string { return join(o.path(), name) }
