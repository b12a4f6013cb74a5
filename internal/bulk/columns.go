package bulk

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"wxdispatch/internal/fault"
)

// The columns of a file of refused rows that say more than a row.
const (
	refusedLine   = "refused_line"
	refusedReason = "refused_reason"
	refusedText   = "refused_text" // a CSV row that could not be taken apart
	wholeRow      = "refused_row"  // an NDJSON row
)

// columns is how a table's cells become a message.
type columns struct {
	names []string
	whole int // the column that holds whole NDJSON rows, or -1
	text  int // the column that holds rows which could not be taken apart, or -1
	// fields are the columns that go somewhere, by their path, so that objects
	// come together.
	fields []field
}

type field struct {
	column int
	path   []string
}

// readHeader finds where each column goes; every mistake is told at once.
func readHeader(names []string, layout Layout) (columns, error) {
	c := columns{names: slices.Clone(names), whole: -1, text: slices.Index(names, refusedText)}
	var mistakes []fault.Field
	wrong := func(column, format string, args ...any) {
		mistakes = append(mistakes, fault.Field{Path: "column " + column, Message: fmt.Sprintf(format, args...)})
	}
	if len(names) == 1 && strings.ContainsAny(names[0], ";\t") {
		return c, refusal("the header row has one column, %q; separate columns with commas", names[0])
	}
	if at := slices.Index(names, wholeRow); at >= 0 {
		c.whole = at
		return c, nil
	}
	kind, from := layout.Completion.Kind, map[string]string{}
	if kind == "" {
		return c, refusal("the rows of a CSV file are of one kind, which decides what columns it may have; give --kind")
	}
	for i, name := range names {
		name = strings.TrimSpace(name)
		target := cmp.Or(layout.Map[name], name)
		if target == "-" || name == refusedLine || name == refusedReason || name == refusedText || name == "" && layout.Map[name] == "" {
			continue
		}
		path := resolve(target, kind)
		switch {
		case path == "" && target == name:
			wrong(name, "is not known; known for kind %s are %s; name it with --map %q, or pass it over with --map %q",
				kind, known(kind), name+"=data.NAME", name+"=-")
		case path == "":
			wrong(name, "is mapped to %q, which kind %s does not have; known are %s", target, kind, known(kind))
		case from[path] != "":
			wrong(name, "says the same as column %s (%s); pass one of them over with --map %q", from[path], path, name+"=-")
		default:
			from[path] = name
			c.fields = append(c.fields, field{i, strings.Split(path, ".")})
		}
	}
	for _, column := range slices.Sorted(maps.Keys(layout.Map)) {
		if !slices.ContainsFunc(names, func(name string) bool { return strings.TrimSpace(name) == column }) {
			wrong(column, "is mapped, but the file has no such column; it has %s", strings.Join(names, ", "))
		}
	}
	slices.SortStableFunc(c.fields, func(a, b field) int { return slices.Compare(a.path, b.path) })
	return c, fault.InvalidFields("bulk.header", mistakes)
}

// message makes the JSON of one row. Empty cells are left out, but for those
// that fill a placeholder.
func (c columns) message(cells []string) ([]byte, error) {
	if len(cells) > len(c.names) {
		return nil, rowRefusal("", "has %d cells, the header row has %d columns; put a cell with commas in quotes", len(cells), len(c.names))
	}
	if c.text >= 0 && c.text < len(cells) && cells[c.text] != "" {
		return nil, rowRefusal(refusedText, "this row could not be taken apart into cells; put them into their columns, and empty %s", refusedText)
	}
	if c.whole >= 0 {
		if len(cells) <= c.whole {
			return nil, rowRefusal("", "has no cell %s", wholeRow)
		}
		return []byte(cells[c.whole]), nil
	}
	out := make([]byte, 0, 512)
	var open []string
	first := true
	out = append(out, '{')
	for _, f := range c.fields {
		text := ""
		if f.column < len(cells) {
			text = cells[f.column]
		}
		value, ok := cell(f.path, text)
		if !ok {
			continue
		}
		parents := f.path[:len(f.path)-1]
		same := 0
		for same < len(open) && same < len(parents) && open[same] == parents[same] {
			same++
		}
		for range open[same:] {
			out = append(out, '}')
		}
		if same < len(open) {
			first = false
		}
		open = append(open[:same:same], parents[same:]...)
		for _, name := range parents[same:] {
			out = append(appendName(out, name, first), '{')
			first = true
		}
		out = append(appendName(out, f.path[len(f.path)-1], first), value...)
		first = false
	}
	for range open {
		out = append(out, '}')
	}
	return append(out, '}'), nil
}

func appendName(out []byte, name string, first bool) []byte {
	if !first {
		out = append(out, ',')
	}
	return append(append(out, quotedJSON(name)...), ':')
}

// cell is what a cell says as JSON; false: nothing.
func cell(path []string, text string) ([]byte, bool) {
	if path[len(path)-1] == "value" {
		return quotedJSON(text), true
	}
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, false
	}
	switch path[0] {
	case "force":
		switch strings.ToLower(text) {
		case "true", "1", "yes":
			return []byte("true"), true
		case "false", "0", "no":
			return []byte("false"), true
		}
	case "send_at", "expires_at", "permit_issued_at":
		text = instant(text)
	}
	return quotedJSON(text), true
}

// china is the zone of times that name none, as WeChat's own.
var china = time.FixedZone("UTC+8", 8*60*60)

// instant writes a time as spreadsheets do it, without a zone, as RFC 3339; what
// it does not know stays, and is refused where messages are read.
func instant(text string) string {
	for _, layout := range []string{"2006-1-2 15:04:05", "2006-1-2 15:04", "2006/1/2 15:04:05", "2006/1/2 15:04", "2006-1-2T15:04:05", "2006-1-2T15:04"} {
		if t, err := time.ParseInLocation(layout, text, china); err == nil {
			return t.Format(time.RFC3339)
		}
	}
	return text
}

// quotedJSON writes a text as a JSON string.
func quotedJSON(text string) []byte {
	out, err := json.Marshal(text)
	if err != nil {
		return []byte(`""`)
	}
	return out
}
