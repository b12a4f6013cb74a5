package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"

	"wxdispatch/internal/fault"
)

// report prints what became of messages: lines as they come with --json, else
// a table at the end.
type report struct {
	p     *program
	json  *json.Encoder
	table table.Writer
	seen  map[string]bool // warnings that were told

	taken, known, refused, lost int
}

func (p *program) newReport() *report {
	return &report{p: p, json: newEncoder(p.stdout), table: newTable("ID", "ACCOUNT", "STATE", "NOTE"), seen: map[string]bool{}}
}

// add tells one outcome; an error is that the output is closed.
func (r *report) add(o outcome) error {
	switch {
	case o.Error != nil && o.Error.Code == fault.Unavailable:
		r.lost++
	case o.Error != nil:
		r.refused++
	case o.Duplicate:
		r.known++
	default:
		r.taken++
	}
	r.warn(o)
	r.complain(o)
	if r.p.asJSON {
		return written(r.json.Encode(o))
	}
	r.table.AppendRow(table.Row{orDash(o.ID), orDash(o.Account), orDash(string(o.State)), note(o)})
	return nil
}

// close prints the table and, for more than one message, the count.
func (r *report) close() error {
	if n := r.taken + r.known + r.refused; n > 1 {
		r.p.tell("%d messages: %d taken, %d known already, %d refused", n, r.taken, r.known, r.refused)
	}
	if r.p.asJSON || r.table.Length() == 0 {
		return nil
	}
	return printTable(r.p.stdout, r.table)
}

// complain says on standard error what is wrong with a message, a line a
// mistake, each with the message's place.
func (r *report) complain(o outcome) {
	if o.Error == nil || o.Error.Code == fault.Unavailable { // that ends the run, which says so
		return
	}
	if len(o.Error.Fields) == 0 {
		r.p.tell("%s: %s", o.Source, o.Error.Message)
	}
	for _, field := range o.Error.Fields {
		r.p.tell("%s: %s", o.Source, field)
	}
}

// mostWarnings is how many different warnings are told; --json has them all.
const mostWarnings = 20

// warn tells each warning once, for the first message that has it: a bulk send
// repeats one template's a thousand times.
func (r *report) warn(o outcome) {
	for _, w := range o.Warnings {
		if text := w.String(); !r.seen[text] && len(r.seen) < mostWarnings {
			r.seen[text] = true
			r.p.tell("%s: warning: %s", o.Source, text)
		}
	}
}

func note(o outcome) string {
	switch {
	case o.Error != nil:
		return string(o.Error.Code)
	case o.Duplicate:
		return "known already"
	}
	return ""
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// newEncoder writes one JSON object a line, with <, > and & as they are.
func newEncoder(w io.Writer) *json.Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e
}

// newTable returns a table without lines, which grep and awk read, too.
func newTable(header ...any) table.Writer {
	t := table.NewWriter()
	t.AppendHeader(header)
	t.SetStyle(table.Style{Name: "plain", Box: table.BoxStyle{PaddingRight: "  "}, Format: table.FormatOptionsDefault})
	t.Style().Options = table.OptionsNoBordersAndSeparators
	t.SuppressTrailingSpaces()
	return t
}

func printTable(w io.Writer, t table.Writer) error {
	_, err := fmt.Fprintln(w, t.Render())
	return written(err)
}

// written turns a failed write into a fault on our side.
func written(err error) error {
	if err == nil {
		return nil
	}
	return ours("the output cannot be written: %w", err)
}

// ended tells whether nothing more is to be waited for.
func ended(o outcome) bool { return o.Error != nil || o.State.Final() }

// good tells whether a message reached WeChat.
func good(o outcome) bool { return o.Error == nil && o.State.Good() }
