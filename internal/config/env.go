package config

import (
	"slices"
	"strings"
)

const (
	prefix       = "WXDISPATCH_"
	fileVariable = prefix + "CONFIG" // names the file; is no key
	testPrefix   = prefix + "TEST_"  // for this project's tests; ignored
)

// meaning is one key that a variable could mean.
type meaning struct {
	path  string
	shape *shape
	entry string // the group of names that the path goes through, or ""
	name  string // the entry's name there
}

// variables are the WXDISPATCH_ variables, by name, that could be keys.
func variables(env []string) map[string]string {
	found := map[string]string{}
	for _, line := range env {
		name, value, _ := strings.Cut(line, "=")
		ours := strings.HasPrefix(name, prefix) && name != fileVariable && !strings.HasPrefix(name, testPrefix)
		if ours {
			found[name] = value
		}
	}
	return found
}

// lookup returns a variable's value; the last one counts, as in os/exec.
func lookup(env []string, name string) string {
	var value string
	for _, line := range env {
		if n, v, ok := strings.Cut(line, "="); ok && n == name {
			value = v
		}
	}
	return value
}

// meanings returns each key that rest, a variable's name without the prefix,
// could mean. Where a name of an entry may end is not written in a variable:
// SHOP_CALLBACK_TOKEN is shop's callback.token or shop-callback's token.
func meanings(rest string, s *shape, at meaning, known names) []meaning {
	var all []meaning
	for _, f := range s.fields {
		here := at
		if !f.alias {
			here.path = join(at.path, f.name)
		}
		word := variableWord(f.name)
		if rest == word && f.shape.leaf != nil {
			here.shape = f.shape
			all = append(all, here)
		} else if below, ok := strings.CutPrefix(rest, word+"_"); ok {
			all = append(all, meanings(below, f.shape, here, known)...)
		}
	}
	if s.each == nil {
		return all
	}
	for i := range len(rest) {
		if rest[i] != '_' {
			continue
		}
		for _, name := range entryNames(rest[:i], at.path, known) {
			here := meaning{path: join(at.path, name), entry: at.path, name: name}
			all = append(all, meanings(rest[i+1:], s.each, here, known)...)
		}
	}
	return all
}

// entryNames returns the known names that a variable writes as word, or, when
// there is none, the new name that it stands for.
func entryNames(word, path string, known names) []string {
	var found []string
	for _, name := range known[path] {
		if variableWord(name) == word {
			found = append(found, name)
		}
	}
	if name := strings.ReplaceAll(strings.ToLower(word), "_", "-"); len(found) == 0 &&
		known.valid(path, name) && variableWord(name) == word {
		found = append(found, name)
	}
	return found
}

func variableWord(name string) string {
	return strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// variableName is the variable of a path.
func variableName(path string) string {
	return prefix + variableWord(strings.ReplaceAll(path, ".", "_"))
}

// environment says which variable means which key.
type environment struct {
	root  *shape
	known names
	wrong *mistakes
}

// assign returns the one meaning of each variable. Variables with one meaning
// come first: they tell which entries there are beside the file's, which
// decides others.
func (e environment) assign(vars map[string]string) map[string]meaning {
	assigned := map[string]meaning{}
	var open []string
	for _, v := range sortedKeys(vars) {
		all := e.meanings(v)
		switch len(all) {
		case 0:
			e.wrong.add(v, "no key has this variable; %s", e.hint(v))
		case 1:
			assigned[v] = all[0]
		default:
			open = append(open, v)
		}
	}
	for _, v := range sortedKeys(assigned) {
		if m := assigned[v]; m.entry != "" {
			e.known.add(m.entry, m.name)
			e.wrong.from(join(m.entry, m.name), v)
		}
	}
	for _, v := range open {
		if m, ok := e.decide(v); ok {
			assigned[v] = m
		}
	}
	return assigned
}

func (e environment) meanings(variable string) []meaning {
	return meanings(strings.TrimPrefix(variable, prefix), e.root, meaning{}, e.known)
}

// decide picks the meaning whose entry is known. None or several: the variable
// could mean two keys, and nobody should guess.
func (e environment) decide(variable string) (meaning, bool) {
	all := e.meanings(variable)
	known := slices.DeleteFunc(slices.Clone(all), func(m meaning) bool {
		return m.entry != "" && !slices.Contains(e.known[m.entry], m.name)
	})
	if len(known) == 1 {
		return known[0], true
	}
	if len(known) > 1 {
		all = known
	}
	var paths []string
	for _, m := range all {
		paths = append(paths, m.path)
	}
	e.wrong.add(variable, "could mean %s; write the key into the file, or name one of them in another way (its type, for an account)",
		either(paths))
	return meaning{}, false
}

// hint names the variable that was probably meant.
func (e environment) hint(variable string) string {
	var all []string
	e.root.leaves("", func(path string) {
		for _, group := range []string{"accounts", "api.keys"} {
			if rest, ok := strings.CutPrefix(path, group+".NAME."); ok {
				for _, name := range e.known[group] {
					all = append(all, variableName(join(group, name)+"."+rest))
				}
			}
		}
		all = append(all, variableName(path))
	})
	if best := nearest(variable, all); best != "" {
		return "did you mean " + best + "?"
	}
	return "a variable is " + prefix + " and the key's path in capitals, with _ for . and -"
}
