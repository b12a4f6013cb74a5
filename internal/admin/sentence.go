package admin

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// sentence is a sentence of one language, with holes, in another. Whoever makes
// an error says it in English, with what was found in it; the pages say the same
// in the language of who looks.
type sentence struct {
	is   *regexp.Regexp
	says string
}

// holes are what may stand in a sentence, as in package fmt.
var holes = map[string]string{`%q`: `("(?:[^"\\]|\\.)*")`, `%d`: `(-?\d+)`, `%s`: `(.*?)`, `%%`: `%`}

var aHole = regexp.MustCompile(`%[qds%]`)

// inLanguage reads a table of sentences with holes: English, then another
// language, which has the same holes as %s, in the same order or as %[n]s.
// The longest is tried first: a short one may say less of the same.
func inLanguage(table map[string]string) (all []sentence) {
	longest := func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) }
	for _, english := range slices.SortedFunc(maps.Keys(table), longest) {
		pattern, at := "", 0
		for _, hole := range aHole.FindAllStringIndex(english, -1) {
			pattern += regexp.QuoteMeta(english[at:hole[0]]) + holes[english[hole[0]:hole[1]]]
			at = hole[1]
		}
		all = append(all, sentence{regexp.MustCompile(`(?s)^` + pattern + regexp.QuoteMeta(english[at:]) + `$`), table[english]})
	}
	return all
}

// sentence returns an error's sentence in this language, or as it is.
func (w *words) sentence(text string) string {
	for _, s := range w.sentences {
		found := s.is.FindStringSubmatch(text)
		if found == nil {
			continue
		}
		var holes []any
		for _, hole := range found[1:] {
			holes = append(holes, hole)
		}
		return fmt.Sprintf(s.says, holes...)
	}
	return text
}

// listed are words for people.
func listed(words []string) string { return strings.Join(words, ", ") }
