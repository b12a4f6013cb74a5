package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// historyLength is how many characters of a value WeChat shows in a template of
// the old sort, since 2023.
const historyLength = 20

// dropped are the placeholders of old templates that WeChat shows no more since
// 2023-05.
var dropped = []string{"first", "remark"}

// Check holds a message against its template. Mistakes are what WeChat would
// refuse or show as an empty place: a key that the template has and the data
// lacks, one that it does not have, a value that its keyword does not take, an
// emphasis on something else. Warnings are what WeChat cuts without a word. A
// template whose content names no placeholder is not held against.
func Check(t Template, f Fill) (mistakes, warnings []fault.Field) {
	names := Names(t.Content)
	if len(names) == 0 {
		return nil, nil
	}
	at := func(name string) string { return f.Path + ".data." + name }
	for _, name := range names {
		if _, given := f.Data[name]; !given && !drops(f.Kind, name) {
			mistakes = append(mistakes, fault.Field{Path: at(name),
				Message: "missing; the template has the place and the user would read an empty one: " + label(t, name)})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Data)) {
		switch value := text(f.Data[name]); {
		case drops(f.Kind, name): // told by Drops
		case !slices.Contains(names, name):
			mistakes = append(mistakes, fault.Field{Path: at(name),
				Message: fmt.Sprintf("the template has no such placeholder; it has %s", strings.Join(names, ", "))})
		default:
			mistake, warning := checkValue(f, name, value)
			mistakes, warnings = appendAt(mistakes, at(name)+".value", mistake), appendAt(warnings, at(name)+".value", warning)
		}
	}
	if name := strings.TrimSuffix(f.Emphasis, suffix); name != "" && !slices.Contains(names, name) {
		mistakes = append(mistakes, fault.Field{Path: f.Path + ".emphasis_keyword",
			Message: fmt.Sprintf("found %q; the template has %s, each with .DATA", f.Emphasis, strings.Join(names, ", "))})
	}
	return mistakes, warnings
}

func appendAt(fields []fault.Field, path, words string) []fault.Field {
	if words == "" {
		return fields
	}
	return append(fields, fault.Field{Path: path, Message: words})
}

// checkValue says what is wrong with one value, or what will be cut of it.
func checkValue(f Fill, name, value string) (mistake, warning string) {
	rule, typed := RuleOf(name)
	length := utf8.RuneCountInString(value)
	switch {
	case typed && !rule.Fits(value):
		return fmt.Sprintf("found %s with %d characters; %s takes %s", quote(value), length, rule.Type, rule.Allowed), ""
	case !typed && f.Kind == message.Template && length > historyLength:
		return "", fmt.Sprintf("has %d characters; WeChat shows the first %d of a template of the old sort and drops the rest without a word", length, historyLength)
	}
	return "", ""
}

// quote shows a value in short.
func quote(value string) string { return fmt.Sprintf("%q", clip(value)) }

// label is what stands in front of a placeholder, to find it by.
func label(t Template, name string) string {
	before := ""
	parts, _ := Parse(t.Content)
	for _, p := range parts {
		if p.Name == name {
			break
		}
		before = p.Text
	}
	lines := strings.Split(before, "\n")
	if word := trimLabel(lines[len(lines)-1]); word != "" {
		return word
	}
	return name
}

// drops tells whether WeChat shows a placeholder no more.
func drops(kind message.Kind, name string) bool {
	return kind == message.Template && slices.Contains(dropped, name)
}

// Drops warns of what WeChat takes from a message and does not show, whatever
// the template, and of a message that leads nowhere.
func Drops(m *message.Message) []fault.Field {
	b, ok := m.Body.(*message.TemplateBody)
	if !ok {
		return nil
	}
	warnings := Dropped(Fill{Kind: m.Kind, Path: "body", Data: b.Data})
	if b.URL == "" && b.MiniProgram == nil {
		warnings = append(warnings, fault.Field{Path: "body.url",
			Message: "neither url nor miniprogram: a tap opens a blank page on iOS and nothing on Android; give one of the two"})
	}
	return warnings
}

// Dropped warns of data that WeChat shows no more.
func Dropped(f Fill) []fault.Field {
	var warnings []fault.Field
	for _, name := range dropped {
		if _, given := f.Data[name]; given && drops(f.Kind, name) {
			warnings = append(warnings, fault.Field{Path: f.Path + ".data." + name,
				Message: "WeChat shows it no more since May 2023; put what matters into a keyword"})
		}
	}
	return warnings
}
