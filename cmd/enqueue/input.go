package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// standardInput is the file name that stands for it.
const standardInput = "-"

// item is one message as it was written, or why there is none.
type item struct {
	source string // "orders.ndjson:3", "orders.json[2]", "stdin:1", "flags"
	raw    json.RawMessage
	err    error // class Invalid: this one is broken, others may follow; else reading ended
}

// checkFiles refuses, before anything is done, files that cannot be read.
func checkFiles(files []string) error {
	stdins := 0
	for _, name := range files {
		if name == standardInput {
			stdins++
			continue
		}
		info, err := os.Stat(name)
		switch {
		case err != nil:
			return usage("%w; nothing was done", err)
		case info.IsDir():
			return usage("%s is a folder; name a file, or - for standard input; nothing was done", name)
		}
	}
	if stdins > 1 {
		return usage("- stands for standard input, which can be read once only")
	}
	return nil
}

// readFiles returns the messages of all files, one after another.
func readFiles(files []string, stdin io.Reader) iter.Seq[item] {
	return func(yield func(item) bool) {
		for _, name := range files {
			if !readFile(name, stdin, yield) {
				return
			}
		}
	}
}

func readFile(name string, stdin io.Reader, yield func(item) bool) bool {
	if name == standardInput {
		return read("stdin", stdin, yield)
	}
	file, err := os.Open(name)
	if err != nil {
		return yield(item{source: name, err: err})
	}
	defer file.Close()
	return read(name, file, yield)
}

// read takes one input apart. message.Split stops at the first broken value,
// since nobody can tell where it ends. In NDJSON one can: a line that begins
// with { begins a message. So there a broken message costs itself only.
func read(name string, r io.Reader, yield func(item) bool) bool {
	in := newLines(r)
	if in.more() && in.array() {
		return readArray(name, in, yield)
	}
	for in.more() {
		start := in.line
		first, whole := in.first()
		if whole {
			if !yield(item{source: lineOf(name, start), raw: slices.Clone(bytes.TrimSpace(first))}) {
				return false
			}
		} else if !readBroken(name, start, slices.Clone(first), in, yield) {
			return false
		}
	}
	if in.failed != nil {
		return yield(item{source: name, err: in.failed})
	}
	return true
}

// readArray reads the rest of the input as an array; a broken value ends it.
func readArray(name string, in *lines, yield func(item) bool) bool {
	start, index := in.line, 0
	for value, err := range message.Split(in.buffer) {
		if err != nil {
			err = moved(err, start-1, 0)
		}
		if !yield(item{source: fmt.Sprintf("%s[%d]", name, index), raw: value.Raw, err: err}) {
			return false
		}
		index++
	}
	return true
}

// readBroken reads a message that is broken into lines, or broken.
func readBroken(name string, start int, first []byte, in *lines, yield func(item) bool) bool {
	for value, err := range message.Split(io.MultiReader(bytes.NewReader(first), in)) {
		next := item{source: lineOf(name, start+value.Line-1), raw: value.Raw}
		if err != nil {
			in.skip()
			next.source, next.err = lineOf(name, start), moved(err, start-1, in.end())
		}
		if !yield(next) {
			return false
		}
	}
	return true
}

func lineOf(name string, line int) string { return fmt.Sprintf("%s:%d", name, line) }

// moved gives a place in a part of the input ("line 1, column 7") its line in
// the whole, and tells what was passed over: up to the line end, or, when that
// is 0, everything.
func moved(err error, lines, end int) error {
	if !fault.Is(err, fault.Invalid) {
		return err
	}
	var fields []fault.Field
	for _, field := range mistakes(err) {
		var line, column int
		if _, scan := fmt.Sscanf(field.Path, "line %d, column %d", &line, &column); scan == nil {
			field = placed(field, line+lines, column, lines+1, end)
		}
		fields = append(fields, field)
	}
	return fault.InvalidFields("enqueue.read", fields)
}

// placed gives a mistake its place in a part of the input that begins in line
// start and was read up to line end.
func placed(field fault.Field, line, column, start, end int) fault.Field {
	field.Path = fmt.Sprintf("line %d, column %d", line, column)
	switch {
	case end == 0:
		field.Message += "; what follows was not read"
	case line < end:
		field.Message += fmt.Sprintf("; what follows up to line %d was not read", end)
		return field
	case line > end:
		field.Path = fmt.Sprintf("line %d, at its end", end)
	}
	if end > start { // a row that breaks off at a colon takes the next line for its value
		field.Message += fmt.Sprintf("; lines %d to %d were passed over", start, end)
	}
	return field
}
