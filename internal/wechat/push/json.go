package push

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// jsonReader reads one object, node by node, so that neither its depth nor its
// length costs more than is allowed.
type jsonReader struct {
	decoder *json.Decoder
	left    int // nodes
}

// parseJSON reads one object and nothing behind it.
func parseJSON(body []byte) (*node, error) {
	r := &jsonReader{decoder: json.NewDecoder(bytes.NewReader(body)), left: maxNodes}
	r.decoder.UseNumber()
	top := &node{}
	if err := r.value(top, "", 0); err != nil {
		return nil, err
	}
	if _, err := r.decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, damagedJSON()
	}
	return top.children[0], nil
}

// value reads the next value as a child of above. The values of a list become
// children of one name.
func (r *jsonReader) value(above *node, name string, depth int) error {
	if depth > maxDepth {
		return Deep.Refuse("the JSON is nested too deeply")
	}
	token, err := r.decoder.Token()
	if err != nil {
		return damagedJSON()
	}
	switch token {
	case json.Delim('['):
		for r.decoder.More() {
			if err := r.value(above, name, depth+1); err != nil {
				return err
			}
		}
	case json.Delim('{'):
		child, err := above.add(name, &r.left)
		if err != nil {
			return err
		}
		if err := r.members(child, depth); err != nil {
			return err
		}
	default:
		child, err := above.add(name, &r.left)
		if err == nil {
			child.value = scalar(token)
		}
		return err
	}
	if _, err := r.decoder.Token(); err != nil { // the closing bracket
		return damagedJSON()
	}
	return nil
}

func (r *jsonReader) members(object *node, depth int) error {
	for r.decoder.More() {
		key, err := r.decoder.Token()
		if err != nil {
			return damagedJSON()
		}
		name, ok := key.(string)
		if !ok {
			return damagedJSON()
		}
		if err := r.value(object, name, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// scalar is a value as XML would have written it.
func scalar(token json.Token) string {
	switch t := token.(type) {
	case string:
		return t
	case json.Number:
		return t.String()
	case bool:
		if t {
			return "true"
		}
		return "false"
	}
	return ""
}

func damagedJSON() error { return Damaged.Refuse("the JSON is not well-formed") }
