package message

import (
	"bytes"
	"slices"

	"wxdispatch/internal/fault"
)

// Completion is what rows of a file leave out because it is the same in all.
// What a row says itself counts, but for Batch, which must be the same.
type Completion struct {
	Account  string
	Kind     Kind
	Template string // template_id; of a uniform message its weapp part's
	Batch    string
	// To makes a test of each row: it goes to this openid now, without the row's
	// id, times and form_id.
	To string
}

// Decode is Decode of a row: a whole message, or WeChat's own body without the
// envelope, beside whose fields those of the envelope may stand (id, send_at …).
func (f Completion) Decode(data []byte) (*Message, error) {
	c := &check{}
	m := c.message(bytes.TrimPrefix(data, byteOrderMark), f)
	if err := fault.InvalidFields("message.decode", c.fields); err != nil {
		return nil, err
	}
	return m, nil
}

// complete fills a row up. What is no object is left to be refused.
func (f Completion) complete(c *check, root node) node {
	if f == (Completion{}) || root.kind != objectNode {
		return root
	}
	if _, whole := root.get("body"); !whole {
		root = wrapped(root)
	}
	root.fill("account", f.Account)
	root.fill("kind", string(f.Kind))
	root.fill("batch", f.Batch)
	if batch, _ := root.get("batch"); f.Batch != "" && batch.text != f.Batch {
		c.wrong("batch", "found %s; the file is loaded as batch %s, and a row belongs to no other", found(batch)[len("found "):], f.Batch)
	}
	f.template(root)
	f.redirect(&root)
	return root
}

// redirect makes a test of a row.
func (f Completion) redirect(root *node) {
	if f.To == "" {
		return
	}
	for _, name := range []string{"id", "send_at", "expires_at", "permit_issued_at"} {
		root.drop(name)
	}
	at, ok := root.find("body")
	if !ok || root.members[at].value.kind != objectNode {
		return
	}
	body := &root.members[at].value
	body.drop("touser")
	body.fill("touser", f.To)
	body.drop("form_id")
	if at, ok := body.find("weapp_template_msg"); ok {
		body.members[at].value.drop("form_id")
	}
}

// drop takes a member out.
func (n *node) drop(name string) {
	if at, there := n.find(name); there {
		n.members = slices.Delete(n.members, at, at+1)
	}
}

// wrapped makes a message of a bare body.
func wrapped(body node) node {
	outer := node{kind: objectNode}
	body.members = slices.DeleteFunc(body.members, func(m member) bool {
		if !slices.Contains(envelope.names, m.name) {
			return false
		}
		outer.members = append(outer.members, m)
		return true
	})
	at, _ := outer.find("body")
	outer.members = slices.Insert(outer.members, at, member{"body", body})
	return outer
}

// template fills the template's id in where the kind has it.
func (f Completion) template(root node) {
	at, ok := root.find("body")
	kind, _ := root.get("kind")
	if !ok || f.Template == "" || root.members[at].value.kind != objectNode {
		return
	}
	body := &root.members[at].value
	if Kind(kind.text) != Uniform {
		body.fill("template_id", f.Template)
	} else if at, ok := body.find("weapp_template_msg"); ok && body.members[at].value.kind == objectNode {
		body.members[at].value.fill("template_id", f.Template)
	}
}

// fill sets a member that is missing.
func (n *node) fill(name, text string) {
	if at, there := n.find(name); !there && text != "" {
		n.members = slices.Insert(n.members, at, member{name, node{kind: stringNode, text: text}})
	}
}
