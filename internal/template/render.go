package template

import (
	"strings"

	"wxdispatch/internal/message"
)

// Render returns a message as its user will read it: the title, and the content
// with the data in its places. What WeChat drops is left out with its line, and
// what it cuts is cut.
func Render(t Template, f Fill) string {
	var b strings.Builder
	b.WriteString(t.Title)
	for line := range strings.Lines(t.Content) {
		shown, empty := renderLine(strings.TrimRight(line, "\r\n"), f)
		if !empty {
			b.WriteString("\n" + shown)
		}
	}
	return b.String()
}

// renderLine fills one line; empty: nothing of it is shown.
func renderLine(line string, f Fill) (shown string, empty bool) {
	parts, _ := Parse(line)
	empty = true
	for _, p := range parts {
		switch {
		case p.Name == "":
			shown += p.Text
			empty = empty && strings.TrimSpace(p.Text) == ""
		case !drops(f.Kind, p.Name):
			shown += shownValue(f, p.Name)
			empty = false
		}
	}
	return shown, empty
}

func shownValue(f Fill, name string) string {
	v, given := f.Data[name]
	if !given {
		return ""
	}
	value := text(v)
	if _, typed := RuleOf(name); typed || f.Kind != message.Template {
		return value
	}
	if runes := []rune(value); len(runes) > historyLength {
		return string(runes[:historyLength]) + "…"
	}
	return value
}
