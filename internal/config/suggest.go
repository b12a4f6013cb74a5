package config

import "strings"

// hint returns words that name the key that was probably meant: one of the
// same group, else one of that name somewhere else, else all of the group.
func hint(name string, group *shape, root *shape) string {
	names := group.names()
	if best := nearest(name, names); best != "" {
		return "did you mean " + best + "?"
	}
	var elsewhere string
	root.leaves("", func(path string) {
		if elsewhere == "" && strings.HasSuffix(path, "."+name) {
			elsewhere = path
		}
	})
	if elsewhere != "" {
		return "did you mean " + elsewhere + "?"
	}
	return "known here: " + strings.Join(names, ", ")
}

// nearest returns the candidate that differs from word least, if it is at most
// a third of the word that differs, else "".
func nearest(word string, candidates []string) string {
	best, least := "", len(word)/3+1
	for _, c := range candidates {
		if d := distance(plain(word), plain(c)); d < least {
			best, least = c, d
		}
	}
	return best
}

// plain takes away what people vary: baseUrl and base-url mean base_url.
func plain(word string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(word))
}

// distance is how many letters must be put in, taken out or changed to make b
// of a (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
