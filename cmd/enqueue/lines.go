package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"wxdispatch/internal/message"
)

// lines reads an input a message at a time: Read ends where the next one
// begins.
type lines struct {
	buffer  *bufio.Reader
	line    int  // number of the line that the next byte stands in
	inside  bool // the next byte is not the first of its line
	last    byte // the last byte that was no white space
	started bool // something of this message was read
	failed  error
}

// lineRoom is the longest line that is looked at as a whole.
const lineRoom = message.MaxSize + 4096

func newLines(r io.Reader) *lines {
	in := &lines{buffer: bufio.NewReaderSize(r, lineRoom), line: 1}
	const mark = "\xef\xbb\xbf"
	if head, _ := in.buffer.Peek(len(mark)); string(head) == mark {
		_, _ = in.buffer.Discard(len(mark))
	}
	return in
}

// array tells whether an array follows.
func (in *lines) array() bool { return in.nextIs('[', " \t\r\n") }

// nextIs tells whether c comes next, after some white space, without reading it.
func (in *lines) nextIs(c byte, space string) bool {
	for n := 1; n <= 4096; n++ {
		head, err := in.buffer.Peek(n)
		if err != nil {
			return false
		}
		if next := head[n-1]; strings.IndexByte(space, next) < 0 {
			return next == c
		}
	}
	return false
}

// end is the number of the last line that was read of.
func (in *lines) end() int {
	if in.inside {
		return in.line
	}
	return in.line - 1
}

// more begins a message: it passes line ends over and tells whether something
// follows.
func (in *lines) more() bool {
	in.started, in.last = false, 0
	for {
		head, err := in.buffer.Peek(1)
		if err != nil {
			in.note(err)
			return false
		}
		if head[0] != '\n' && head[0] != '\r' {
			return true
		}
		in.passed(head)
		_, _ = in.buffer.Discard(1)
	}
}

// first reads a message's first line and tells whether it is all of it.
func (in *lines) first() (line []byte, whole bool) {
	line, complete := in.take()
	return line, complete && bytes.HasPrefix(bytes.TrimLeft(line, " \t"), []byte("{")) && json.Valid(line)
}

// take reads to the end of the line, or as far as there is room; complete
// tells that it is a whole line. What it returns is good until the next read.
func (in *lines) take() (text []byte, complete bool) {
	began := !in.inside
	text, err := in.buffer.ReadSlice('\n')
	if err != nil && err != bufio.ErrBufferFull {
		in.note(err)
	}
	in.passed(text)
	return text, began && err != bufio.ErrBufferFull
}

func (in *lines) note(err error) {
	if err != io.EOF && in.failed == nil {
		in.failed = fmt.Errorf("reading stopped at line %d: %w", in.line, err)
	}
}

// skip passes over what is left of a message.
func (in *lines) skip() { _, _ = io.Copy(io.Discard, in) }

// Read hands out at most a line, and io.EOF before a line that begins the next
// message, with { after white space. After : and [ a { is a value, wherever it
// stands.
func (in *lines) Read(to []byte) (int, error) {
	if _, err := in.buffer.Peek(1); err != nil {
		in.note(err)
		return 0, io.EOF
	}
	if in.started && !in.inside && in.last != ':' && in.last != '[' && in.nextIs('{', " \t") {
		return 0, io.EOF
	}
	n := min(len(to), in.buffer.Buffered())
	window, _ := in.buffer.Peek(n)
	if end := bytes.IndexByte(window, '\n'); end >= 0 {
		n = end + 1
	}
	copy(to, window[:n])
	in.passed(to[:n])
	_, _ = in.buffer.Discard(n)
	return n, nil
}

// passed notes what was read.
func (in *lines) passed(text []byte) {
	in.inside = !bytes.HasSuffix(text, []byte("\n"))
	if !in.inside {
		in.line++
	}
	if trimmed := bytes.TrimRight(text, " \t\r\n"); len(trimmed) > 0 {
		in.last, in.started = trimmed[len(trimmed)-1], true
	}
}
