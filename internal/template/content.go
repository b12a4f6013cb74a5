package template

import (
	"fmt"
	"strings"
)

const (
	opens  = "{{"
	closes = "}}"
	suffix = ".DATA"
)

// Part is a piece of a template's content: plain text, or the placeholder of
// that name.
type Part struct {
	Text string
	Name string
}

// Flaw is a place of a content that looks like a placeholder and is none.
type Flaw struct {
	Text string // what stands there
	Why  string
	Pass string // what would be one
}

// Parse splits a content into text and placeholders. What stands between {{ and
// }} and is no placeholder stays text, and is told as a flaw.
func Parse(content string) (parts []Part, flaws []Flaw) {
	for content != "" {
		text, rest, open := strings.Cut(content, opens)
		parts = appendText(parts, text)
		if !open {
			if strings.Contains(text, closes) {
				flaws = append(flaws, Flaw{closes, "}} closes nothing", "{{NAME.DATA}}"})
			}
			break
		}
		inner, after, closed := strings.Cut(rest, closes)
		if !closed {
			flaws = append(flaws, Flaw{opens + clip(rest), "{{ is never closed", "{{" + guess(rest) + ".DATA}}"})
			parts = appendText(parts, opens+rest)
			break
		}
		if i := strings.LastIndex(inner, opens); i >= 0 { // the first of two is left open
			flaws = append(flaws, Flaw{opens + clip(inner[:i]), "{{ is never closed", "{{" + guess(inner[:i]) + ".DATA}}"})
			parts = appendText(parts, opens+inner[:i])
			inner = inner[i+len(opens):]
		}
		if flaw := complaint(inner); flaw != nil {
			flaws = append(flaws, *flaw)
			parts = appendText(parts, opens+inner+closes)
		} else {
			parts = append(parts, Part{Name: strings.TrimSuffix(inner, suffix)})
		}
		content = after
	}
	return parts, flaws
}

func appendText(parts []Part, text string) []Part {
	if text == "" {
		return parts
	}
	if n := len(parts); n > 0 && parts[n-1].Name == "" {
		parts[n-1].Text += text
		return parts
	}
	return append(parts, Part{Text: text})
}

// complaint says why what stands between the braces is no placeholder; nil: it
// is one.
func complaint(inner string) *Flaw {
	f := Flaw{Text: opens + clip(inner) + closes}
	name, has := strings.CutSuffix(inner, suffix)
	switch {
	case strings.TrimSpace(inner) == "" || name == "":
		f.Why, f.Pass = "the placeholder has no name", "{{thing1.DATA}}"
	case has && isName(name):
		return nil
	case isName(inner):
		f.Why, f.Pass = "a placeholder without .DATA is shown as it stands", "{{"+inner+".DATA}}"
	case strings.EqualFold(name[max(0, len(name)-len(suffix)):], suffix):
		f.Why, f.Pass = ".DATA is written in capitals", "{{"+guess(inner)+".DATA}}"
	default:
		f.Why, f.Pass = "this is no placeholder: a name of letters, digits and _, and .DATA, without blanks", "{{"+guess(inner)+".DATA}}"
	}
	return &f
}

// isName tells whether text can be a placeholder's name.
func isName(text string) bool {
	for _, c := range text {
		if !isNameRune(c) {
			return false
		}
	}
	return text != ""
}

func isNameRune(c rune) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '_'
}

// guess makes a name of what somebody wrote.
func guess(text string) string {
	text = strings.TrimSpace(text)
	if i := strings.Index(text, "."); i >= 0 {
		text = text[:i]
	}
	name := strings.Map(func(c rune) rune {
		if isNameRune(c) {
			return c
		}
		return -1
	}, text)
	if name == "" {
		return "thing1"
	}
	return name
}

// clip shortens what is shown of a strange text.
func clip(text string) string {
	const most = 24
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return fmt.Sprintf("%s…", string(runes[:most]))
}

// Names returns the placeholders of a content in their order, each once.
func Names(content string) []string {
	parts, _ := Parse(content)
	var names []string
	seen := map[string]bool{}
	for _, p := range parts {
		if p.Name != "" && !seen[p.Name] {
			seen[p.Name] = true
			names = append(names, p.Name)
		}
	}
	return names
}

// Keywords returns a template's keywords as its content names them, the text in
// front of each placeholder on its line, and the examples where its Example
// repeats those names.
func Keywords(t Template) []Keyword {
	examples := map[string]string{}
	for line := range strings.Lines(t.Example) {
		if name, value, ok := cutLabel(line); ok {
			examples[name] = value
		}
	}
	var keywords []Keyword
	for line := range strings.Lines(t.Content) {
		parts, _ := Parse(line)
		label := ""
		for _, p := range parts {
			if p.Name == "" {
				label = trimLabel(p.Text)
				continue
			}
			if label != "" {
				keywords = append(keywords, Keyword{Name: label, Example: exampleOf(examples, t.Example, label)})
				label = ""
			}
		}
	}
	return keywords
}

// exampleOf finds the value of a label; WeChat's mini-program examples put no
// colon between the two.
func exampleOf(examples map[string]string, whole, label string) string {
	if value, ok := examples[label]; ok {
		return value
	}
	for line := range strings.Lines(whole) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), label); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func trimLabel(text string) string { return strings.Trim(text, " \t\r\n　:：") }

// cutLabel splits a line at its first colon.
func cutLabel(line string) (name, value string, ok bool) {
	i := strings.IndexAny(line, ":：")
	if i < 0 {
		return "", "", false
	}
	return trimLabel(line[:i]), trimLabel(line[i:]), true
}
