package check

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode"
)

// Print writes one line a result as it comes: for people in columns, or a JSON
// object. It tells whether all were OK; warnings are. The error is w's.
func Print(w io.Writer, results iter.Seq[Result], asJSON bool) (ok bool, err error) {
	write := line
	if asJSON {
		write = object
	}
	ok = true
	for r := range results {
		if err := write(w, r); err != nil {
			return false, err
		}
		ok = ok && r.OK()
	}
	return ok, nil
}

// line writes: level, what was looked at, what was found → what to do.
func line(w io.Writer, r Result) error {
	name, do := r.Name, ""
	if r.Account != "" {
		name = r.Account + " " + r.Name
	}
	if r.Do != "" {
		do = " → " + r.Do
	}
	_, err := fmt.Fprintf(w, "%-4s  %-18s  %s\n", r.Level, name, strings.Map(printable, r.Words+do))
	return err
}

// printable keeps words of others (a proxy's, a file's) in their line.
func printable(c rune) rune {
	if unicode.IsControl(c) {
		return ' '
	}
	return c
}

func object(w io.Writer, r Result) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(struct {
		Check   string `json:"check"`
		Account string `json:"account,omitempty"`
		OK      bool   `json:"ok"`
		Level   Level  `json:"level"`
		Found   string `json:"found"`
		Do      string `json:"do,omitempty"`
	}{r.Name, r.Account, r.OK(), r.Level, r.Words, r.Do})
}
