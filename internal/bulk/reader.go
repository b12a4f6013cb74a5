package bulk

import (
	"bytes"
	"fmt"
	"io"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// Reader reads the rows of one file. It is not safe for concurrent use.
type Reader struct {
	file  *counter
	rows  rows
	lines *lines
}

// rows reads one format.
type rows interface {
	// next returns the next row, io.EOF after the last.
	next() (Row, error)
	// header names what Row.Given holds.
	header() []string
}

// Layout is how a file's columns become messages.
type Layout struct {
	Map map[string]string // column → path, or - for none
	// Completion is what the rows leave out.
	Completion message.Completion
}

// Open reads what a file is, and of a CSV its header. Class Invalid when it is
// nothing that can be loaded; what is wrong with the header is told column by
// column.
func Open(file io.Reader, layout Layout) (*Reader, error) {
	r := &Reader{file: &counter{r: file}}
	text, err := unpack(r.file)
	if err != nil {
		return nil, err
	}
	if r.lines, err = newLines(text); err != nil {
		return nil, err
	}
	first, err := r.firstLine()
	if err != nil {
		return nil, err
	}
	if isJSON(first.text) {
		if len(layout.Map) > 0 {
			return nil, refusal("the file is NDJSON, whose rows name their own fields; leave --map out")
		}
		r.rows = &ndjson{lines: r.lines}
		return r, nil
	}
	r.rows, err = newTable(r.lines, layout)
	return r, err
}

// firstLine returns the first line that has text, which is read again.
func (r *Reader) firstLine() (line, error) {
	for {
		first, err := r.lines.next()
		if err == io.EOF {
			return first, refusal("the file is empty; give NDJSON (one JSON object a line) or CSV with a header row")
		}
		if err != nil {
			return first, err
		}
		if len(bytes.TrimSpace(first.text)) > 0 {
			first.text = bytes.Clone(first.text)
			r.lines.unread([]line{first})
			return first, nil
		}
	}
}

// isJSON tells NDJSON from CSV by its first line.
func isJSON(first []byte) bool {
	first = bytes.TrimSpace(first)
	return first[0] == '{' || first[0] == '['
}

// Next returns the next row; one that cannot be read has an Err. io.EOF after
// the last; any other error is the file's.
func (r *Reader) Next() (Row, error) { return r.rows.next() }

// Read is how many bytes of the file were read, as it stands on the disk. It is
// safe for concurrent use.
func (r *Reader) Read() int64 { return r.file.n.Load() }

// Header names the cells of Row.Given.
func (r *Reader) Header() []string { return r.rows.header() }

// ndjson is one JSON object a line.
type ndjson struct{ lines *lines }

// kept is how much of a row that cannot be one is written down.
const kept = 64 << 10

func (n *ndjson) header() []string { return []string{wholeRow} }

func (n *ndjson) next() (Row, error) {
	for {
		l, err := n.lines.next()
		if err != nil {
			return Row{}, err
		}
		text := bytes.TrimSpace(l.text)
		if len(text) == 0 {
			continue
		}
		row := Row{Line: l.at, JSON: bytes.Clone(text)}
		switch {
		case l.tooLong:
			row.Err = tooLong()
			row.JSON = row.JSON[:kept]
		case text[0] == '[':
			row.Err = rowRefusal("", "found an array; a file holds one JSON object a line; turn the array into lines (jq -c '.[]')")
		default:
			if words := broken(string(text)); words != "" {
				row.Err = rowRefusal("", "%s", words)
			}
		}
		row.Given = []string{string(row.JSON)}
		return row, nil
	}
}

func tooLong() error {
	return rowRefusal("", "has more than %d bytes (1 MiB), the most that a row may have", MaxRow)
}

func rowRefusal(path, format string, args ...any) error {
	return fault.InvalidFields("bulk.row", []fault.Field{{Path: path, Message: fmt.Sprintf(format, args...)}})
}
