package push

import (
	"bytes"
	"strings"
)

// A push is nested maxDepth deep at most and has maxNodes elements; WeChat's
// deepest has 5 levels, its longest about a hundred elements.
const (
	maxDepth = 16
	maxNodes = 2000
)

// node is an element of XML or a value of JSON. A list of JSON is several
// children of one name, as it is in XML.
type node struct {
	name     string
	value    string // of a leaf; of XML also what stands between children
	children []*node
}

// parse reads XML or JSON, whichever it is.
func parse(body []byte) (*node, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	switch {
	case bytes.HasPrefix(body, []byte("{")):
		return parseJSON(body)
	case bytes.HasPrefix(body, []byte("<")):
		return parseXML(body)
	}
	return nil, Damaged.Refuse("the body is neither XML nor a JSON object")
}

// child returns the first child of that name, or nil.
func (n *node) child(name string) *node {
	for _, c := range n.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// text returns the value of the first child that has one of the names, without
// white space around it; "" when there is none.
func (n *node) text(names ...string) string {
	for _, name := range names {
		if c := n.child(name); c != nil {
			return strings.TrimSpace(c.value)
		}
	}
	return ""
}

// add makes a child, which takes one of the nodes that are left.
func (n *node) add(name string, left *int) (*node, error) {
	if *left--; *left < 0 {
		return nil, Deep.Refuse("the body has more than 2000 elements")
	}
	child := &node{name: name}
	n.children = append(n.children, child)
	return child, nil
}
