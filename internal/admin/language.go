package admin

import (
	"strconv"
	"strings"
)

// wordsFor returns the words that an Accept-Language header asks for: the
// first of those that weigh most, English where it asks for neither.
func wordsFor(accept string) *words {
	best, weight := english, 0.0
	for item := range strings.SplitSeq(accept, ",") {
		tag, parameters, _ := strings.Cut(item, ";")
		if w := languages[primary(tag)]; w != nil {
			if q := quality(parameters); q > weight {
				best, weight = w, q
			}
		}
	}
	return best
}

var languages = map[string]*words{"en": english, "zh": chinese}

// primary returns the language of a tag without its region: zh of zh-Hans-CN.
func primary(tag string) string {
	language, _, _ := strings.Cut(strings.TrimSpace(tag), "-")
	return strings.ToLower(language)
}

// quality reads q=0.8; 1 when there is none, 0 when it is no such number.
func quality(parameters string) float64 {
	name, value, found := strings.Cut(strings.TrimSpace(parameters), "=")
	if !found || !strings.EqualFold(strings.TrimSpace(name), "q") {
		return 1
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || !(q >= 0 && q <= 1) {
		return 0
	}
	return q
}
