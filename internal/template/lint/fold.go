package lint

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// simplifiedPairs are traditional characters, each with its simplified one behind
// it: the dictionary TSCharacters of the project OpenCC (Apache License 2.0), the
// first choice of each.
//
//go:embed simplified.txt
var simplifiedPairs string

var simplified = sync.OnceValue(func() map[rune]rune {
	table := make(map[rune]rune, len(simplifiedPairs)/7)
	for _, pair := range strings.Fields(simplifiedPairs) {
		if runes := []rune(pair); len(runes) == 2 {
			table[runes[0]] = runes[1]
		}
	}
	return table
})

// normal is a text in NFKC, simplified characters and lower case.
func normal(text string) string {
	table := simplified()
	return strings.Map(func(c rune) rune {
		if simple, ok := table[c]; ok {
			return simple
		}
		return unicode.ToLower(c)
	}, norm.NFKC.String(text))
}

// fold is normal without marks, blanks and what cannot be seen.
func fold(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsNumber(c) {
			return c
		}
		return -1
	}, normal(text))
}

// stem is a title folded, without the ending that all titles share.
func stem(title string) string {
	folded := fold(title)
	for _, ending := range endings {
		if rest, has := strings.CutSuffix(folded, ending); has && rest != "" {
			return rest
		}
	}
	return folded
}

// Contains tells whether a title has a text, both folded; every title has the
// empty one.
func Contains(title, text string) bool { return strings.Contains(fold(title), fold(text)) }
