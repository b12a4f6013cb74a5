package push

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
)

// parseXML reads one element and what is in it. Attributes and comments are
// nothing to us; a DOCTYPE or an entity of its own is refused, as nothing that
// WeChat sends has one.
func parseXML(body []byte) (*node, error) {
	decoder := xml.NewDecoder(bytes.NewReader(body))
	above := &node{}
	stack, left := []*node{above}, maxNodes
	for {
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, damagedXML(body)
		}
		if stack, err = grow(stack, token, &left); err != nil {
			return nil, err
		}
		if stack == nil {
			return nil, damagedXML(body)
		}
	}
	if len(stack) != 1 || len(above.children) != 1 {
		return nil, damagedXML(body)
	}
	return above.children[0], nil
}

// grow adds a token to the tree; the stack is the way from the top to where it
// goes. A nil stack: the elements do not fit together.
func grow(stack []*node, token xml.Token, left *int) ([]*node, error) {
	here := stack[len(stack)-1]
	switch t := token.(type) {
	case xml.StartElement:
		if len(stack) > maxDepth {
			return nil, Deep.Refuse("the XML is nested too deeply")
		}
		child, err := here.add(t.Name.Local, left)
		return append(stack, child), err
	case xml.EndElement:
		if len(stack) == 1 || here.name != t.Name.Local {
			return nil, nil
		}
		return stack[:len(stack)-1], nil
	case xml.CharData:
		if len(stack) == 1 && len(bytes.TrimSpace(t)) > 0 {
			return nil, nil
		}
		here.value += string(t)
	case xml.Directive:
		return nil, Damaged.Refuse("the XML has a DOCTYPE, which no push of WeChat's has")
	}
	return stack, nil
}

// damagedXML is clear about a copy of WeChat's documentation that goes around.
func damagedXML(body []byte) error {
	if bytes.Contains(body, []byte("]]&g;")) {
		return Damaged.Refuse("the XML is damaged: it has ]]&g; where ]]> closes a CDATA section")
	}
	return Damaged.Refuse("the XML is not well-formed")
}
