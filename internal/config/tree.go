package config

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// reader turns YAML into a tree of texts that has known keys only. Values stay
// as they were written: password: 0123 is four characters, not a number.
type reader struct {
	file  string
	root  *shape
	wrong *mistakes
	names names
}

// group reads a mapping. Keys that it does not know become mistakes.
func (r *reader) group(n *yaml.Node, s *shape, path string) map[string]any {
	tree := map[string]any{}
	r.pairs(n, path, func(key string, value *yaml.Node) {
		at := join(path, key)
		f, known := s.child(key)
		if !known {
			r.wrong.add(at, "unknown key; %s", hint(key, s, r.root))
			return
		}
		if f.alias {
			r.hoist(tree, value, f.shape, path, key)
			return
		}
		if v := r.value(value, f.shape, at); v != nil {
			r.put(tree, key, v, path)
		}
	})
	return tree
}

// hoist reads a group whose keys mean those of the same name one step up.
func (r *reader) hoist(tree map[string]any, n *yaml.Node, s *shape, path, key string) {
	inner := r.group(n, s, join(path, key))
	for _, name := range s.names() {
		if v, ok := inner[name]; ok {
			origin := r.wrong.origin[join(join(path, key), name)]
			r.put(tree, name, v, path)
			r.wrong.origin[join(path, name)] = origin
		}
	}
}

func (r *reader) put(tree map[string]any, key string, v any, path string) {
	if _, twice := tree[key]; twice {
		r.wrong.add(join(path, key), "stands twice, here and under %s; keep one", join(path, "wechat"))
		return
	}
	tree[key] = v
}

// entries reads a mapping of names.
func (r *reader) entries(n *yaml.Node, s *shape, path string) map[string]any {
	tree := map[string]any{}
	r.pairs(n, path, func(name string, value *yaml.Node) {
		at := join(path, name)
		if !r.names.valid(path, name) {
			r.wrong.add(at, "this is no name; %s", r.names.rule(path))
			return
		}
		r.names.add(path, name)
		if v := r.value(value, s.each, at); v != nil {
			tree[name] = v
		}
	})
	return tree
}

// value reads what stands at path; nil: nothing, or nothing of use.
func (r *reader) value(n *yaml.Node, s *shape, path string) any {
	n = resolve(n)
	switch {
	case n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null":
		return nil
	case s.leaf == nil && n.Kind != yaml.MappingNode:
		r.wrong.add(path, "found %s; write keys below it", nodeWord(n))
		return nil
	case s.leaf == listType:
		return r.list(n, path)
	case s.leaf != nil && n.Kind != yaml.ScalarNode:
		r.wrong.add(path, "found %s; write %s", nodeWord(n), leafWord(s.leaf))
		return nil
	case s.leaf != nil:
		return n.Value
	case s.each != nil:
		return r.entries(n, s, path)
	}
	return r.group(n, s, path)
}

func (r *reader) list(n *yaml.Node, path string) any {
	if n.Kind != yaml.SequenceNode {
		r.wrong.add(path, "found %s; write a list: [a, b]", nodeWord(n))
		return nil
	}
	items, bad := make([]string, 0, len(n.Content)), false
	for i, item := range n.Content {
		item = resolve(item)
		if item.Kind != yaml.ScalarNode || item.ShortTag() == "!!null" {
			r.wrong.add(fmt.Sprintf("%s[%d]", path, i), "found %s; write text", nodeWord(item))
			bad = true
			continue
		}
		items = append(items, item.Value)
	}
	if bad {
		return nil // not half a list
	}
	return items
}

// pairs visits a mapping's own keys in order, then those that << brings in and
// that it does not have itself.
func (r *reader) pairs(n *yaml.Node, path string, visit func(key string, value *yaml.Node)) {
	var merged []*yaml.Node
	seen := map[string]bool{}
	own := func(key, value *yaml.Node) {
		seen[key.Value] = true
		r.wrong.origin[join(path, key.Value)] = fmt.Sprintf("%s line %d", r.file, key.Line)
		visit(key.Value, value)
	}
	if n = resolve(n); n.Kind != yaml.MappingNode {
		if n.ShortTag() != "!!null" {
			r.wrong.add(path, "found %s; write keys below it", nodeWord(n))
		}
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := resolve(n.Content[i]), n.Content[i+1]
		switch {
		case key.ShortTag() == "!!merge":
			merged = append(merged, value)
		case key.Kind != yaml.ScalarNode:
			r.wrong.add(path, "line %d: found %s as a key; write a word", key.Line, nodeWord(key))
		case seen[key.Value]:
			r.wrong.add(join(path, key.Value), "line %d: the key stands twice; keep one", key.Line)
		default:
			own(key, value)
		}
	}
	r.merge(merged, func(key, value *yaml.Node) {
		if !seen[key.Value] {
			own(key, value)
		}
	})
}

// merge visits what stands behind <<: a mapping or a list of mappings. A
// mapping that is brought in may not bring in others: one step is what people
// read, and it cannot go round.
func (r *reader) merge(sources []*yaml.Node, visit func(key, value *yaml.Node)) {
	for _, source := range sources {
		mappings := []*yaml.Node{source}
		if resolve(source).Kind == yaml.SequenceNode {
			mappings = resolve(source).Content
		}
		for _, m := range mappings {
			m = resolve(m)
			if m.Kind != yaml.MappingNode {
				r.wrong.add("<<", "line %d: found %s; write *name of a mapping", m.Line, nodeWord(m))
				continue
			}
			for i := 0; i+1 < len(m.Content); i += 2 {
				key := m.Content[i]
				if key.ShortTag() == "!!merge" {
					r.wrong.add("<<", "line %d: a mapping that is brought in with << brings in another; write it out", key.Line)
				} else {
					visit(key, m.Content[i+1])
				}
			}
		}
	}
}

// resolve follows *name to what it stands for.
func resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func nodeWord(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "keys"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.ShortTag() == "!!null":
		return "nothing"
	}
	return "text"
}
