package bulk

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
)

// table is a CSV file with a header row.
type table struct {
	lines   *lines
	feed    *feed
	csv     *csv.Reader
	columns columns
}

// feed hands one record after another to a csv.Reader.
type feed struct{ bytes.Buffer }

func newTable(l *lines, layout Layout) (*table, error) {
	t := &table{lines: l}
	t.renew()
	first, err := t.record()
	if err != nil {
		return nil, err
	}
	if first.Err != nil {
		return nil, refusal("line %d, the header row: %v", first.Line, first.Err)
	}
	t.columns, err = readHeader(first.Given, layout)
	return t, err
}

func (t *table) header() []string { return t.columns.names }

func (t *table) next() (Row, error) {
	row, err := t.record()
	if err != nil || row.Err != nil {
		return row, err
	}
	row.JSON, row.Err = t.columns.message(row.Given)
	return row, nil
}

func (t *table) renew() {
	t.feed = &feed{}
	t.csv = csv.NewReader(t.feed)
	t.csv.FieldsPerRecord = -1
}

// record reads one record's cells.
func (t *table) record() (Row, error) {
	text, at, err := t.extent()
	if err != nil {
		return Row{}, err
	}
	row := Row{Line: at.at}
	if at.tooLong {
		row.Err, row.Text = tooLong(), string(text[:min(len(text), kept)])
		return row, nil
	}
	t.feed.Write(text)
	if len(text) > 0 && text[len(text)-1] != '\n' {
		t.feed.WriteByte('\n')
	}
	cells, err := t.csv.Read()
	if err != nil {
		t.renew()
		row.Text, row.Err = strings.TrimRight(string(text), "\r\n"), rowRefusal("", "%s", why(err))
		return row, nil
	}
	row.Given = cells
	if words := broken(strings.Join(cells, "")); words != "" {
		row.Err = rowRefusal("", "%s", words)
	}
	return row, nil
}

// why is what encoding/csv says, without the place, which it counts anew.
func why(err error) string {
	var parse *csv.ParseError
	switch {
	case errors.As(err, &parse) && errors.Is(parse.Err, csv.ErrBareQuote):
		return `has a " within a cell that does not begin with one; put the cell in quotes and double those inside ("say ""hi""")`
	case errors.As(err, &parse):
		return `has a quote that is not closed before the next comma or line; close it, and double quotes inside a cell ("say ""hi""")`
	}
	return "is no CSV: " + err.Error()
}

// extent reads the lines of one record. Where a quote is never closed, or not
// within MaxRow, the record is its first line alone, and reading goes on with
// the second.
func (t *table) extent() (text []byte, first line, err error) {
	for {
		if first, err = t.lines.next(); err != nil {
			return nil, first, err
		}
		if len(bytes.TrimSpace(first.text)) > 0 {
			break
		}
	}
	var q quoting
	done, _ := q.add(first.text)
	if done || first.tooLong {
		return first.text, first, nil
	}
	text = bytes.Clone(first.text)
	size := len(text)
	var more []line
	for {
		next, err := t.lines.next()
		if err != nil && err != io.EOF {
			return nil, first, err
		}
		if err == io.EOF || next.tooLong || len(text)+len(next.text) > MaxRow {
			if err == nil {
				next.text = bytes.Clone(next.text)
				more = append(more, next)
			}
			t.lines.unread(more)
			return text[:size], first, nil
		}
		text = append(text, next.text...)
		more = append(more, line{at: next.at, text: text[len(text)-len(next.text):]})
		done, wrong := q.add(next.text)
		if wrong {
			t.lines.unread(more)
			return text[:size], first, nil
		}
		if done {
			return text, first, nil
		}
	}
}
