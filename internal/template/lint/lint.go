// Package lint holds titles, keywords and examples of templates against the
// rules that WeChat's reviewers go by, before WeChat does: who breaks them loses
// the template, then the interface for 7 days, for 30, for good.
//
// Its promise: a finding names the rule, the place, what was found, why it is
// wrong and what would pass. Texts are compared folded: NFKC, traditional
// characters as simplified ones, lower case, marks and blanks left out, so that
// ｖＩＰ and vip, 優惠券 and 优惠券 are one. Two texts are too similar when
// 1 − (edit distance ÷ length of the longer) is at least 0.8, or one merely adds
// a character to the other; texts that tell opposites apart (收款 and 付款) never
// are. Reviewers are people: what passes here may still be refused.
package lint

import (
	"fmt"
	"strings"

	"wxdispatch/internal/template"
)

// The rules by their names.
const (
	TitleEnding       = "title-ending"       // ends in 提醒 or 通知
	TitleScene        = "title-scene"        // names a concrete service
	TitlePersonal     = "title-personal"     // speaks to nobody
	Symbol            = "symbol"             // no special symbols in titles and keywords
	Marketing         = "marketing"          // no advertising
	TitleDuplicate    = "title-duplicate"    // no title twice
	TitleSimilar      = "title-similar"      // none nearly twice
	KeywordDuplicate  = "keyword-duplicate"  // no keyword twice under a title
	KeywordSimilar    = "keyword-similar"    // none nearly twice
	KeywordBroad      = "keyword-broad"      // says what it tells
	ExampleMismatch   = "example-mismatch"   // the example fits its keyword
	Placeholder       = "placeholder"        // {{NAME.DATA}} and nothing else between braces
	PlaceholderDouble = "placeholder-double" // each place filled by one key
)

// Subject is a template as it is handed in, or as an account has it.
type Subject struct {
	Place    string // where it was read: shop.csv line 3, or a template's id
	Title    string
	Keywords []template.Keyword
	Content  string
}

// Of is an account's template as a subject.
func Of(t template.Template) Subject {
	return Subject{Place: t.ID, Title: t.Title, Keywords: template.Keywords(t), Content: t.Content}
}

// Finding is something that a review would refuse.
type Finding struct {
	Rule  string `json:"rule"`
	Place string `json:"place"` // the subject's place, and what of it
	Found string `json:"found"`
	Why   string `json:"why"`
	Pass  string `json:"pass"` // what would pass
}

// Check returns the findings of subjects in their order; titles are compared
// with those before them.
func Check(subjects []Subject) []Finding {
	var findings []Finding
	var titles texts
	for _, s := range subjects {
		found := findings[len(findings):]
		found = append(found, s.title()...)
		if f, ok := titles.add(s.Title, stem(s.Title), s.Place); ok {
			found = append(found, f.finding(s.Place+" title", TitleDuplicate, TitleSimilar))
		}
		found = append(found, s.keywords()...)
		found = append(found, s.placeholders()...)
		findings = append(findings, found...)
	}
	return findings
}

func (s Subject) placeholders() []Finding {
	var findings []Finding
	parts, flaws := template.Parse(s.Content)
	for _, f := range flaws {
		findings = append(findings, Finding{Placeholder, s.Place + " content", f.Text, f.Why, f.Pass})
	}
	seen := map[string]bool{}
	for _, p := range parts {
		if p.Name != "" && seen[p.Name] {
			findings = append(findings, Finding{PlaceholderDouble, s.Place + " content", "{{" + p.Name + ".DATA}}",
				"the placeholder stands twice, so one value would be shown in two places", "a name of its own for each place"})
		}
		seen[p.Name] = true
	}
	return findings
}

// texts are titles or keywords that were seen.
type texts struct {
	folded, places, words []string
}

// clash is a text that is another one, or nearly.
type clash struct {
	found, other, place string
	same                bool
	likeness            float64
}

// add keeps a text, and tells which one before it is the same, or else the most
// similar one that is too similar.
func (t *texts) add(text, folded, place string) (worst clash, clashes bool) {
	for i, other := range t.folded {
		c := clash{found: text, other: t.words[i], place: t.places[i], same: fold(text) == fold(t.words[i]), likeness: Similarity(folded, other)}
		if folded == "" || !c.same && !tooSimilar(folded, other) {
			continue
		}
		if !clashes || c.same && !worst.same || c.same == worst.same && c.likeness > worst.likeness {
			worst, clashes = c, true
		}
	}
	t.folded, t.places, t.words = append(t.folded, folded), append(t.places, place), append(t.words, text)
	return worst, clashes
}

func (c clash) finding(place, same, similar string) Finding {
	if c.same {
		return Finding{same, place, c.found, fmt.Sprintf("it stands already at %s: %s", c.place, c.other), "each once; take one of the two away"}
	}
	return Finding{similar, place, c.found,
		fmt.Sprintf("it is too similar to %s at %s (likeness %.2f; below 0.80 passes)", c.other, c.place, c.likeness),
		"one of the two, or words that tell them apart"}
}

// list is words for people.
func list(words ...string) string { return strings.Join(words, "、") }
