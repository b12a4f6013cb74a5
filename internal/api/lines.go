package api

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// line is one line of a body, without its end.
type line struct {
	number int    // from 1
	text   []byte // good until the next one is read
	over   bool   // it was longer than most; text is empty
}

// lines takes a body apart. It keeps one line of at most most bytes in memory.
type lines struct {
	r      *bufio.Reader
	most   int
	number int
	text   []byte
}

func newLines(r io.Reader, most int) *lines {
	return &lines{r: bufio.NewReaderSize(r, 64<<10), most: most}
}

// whole tells whether the next line has come already, so that reading it does
// not wait.
func (l *lines) whole() bool {
	come, _ := l.r.Peek(l.r.Buffered())
	return bytes.IndexByte(come, '\n') >= 0
}

// next reads a line; io.EOF after the last, which needs no line feed. A body
// that breaks off in the middle of a line is another error, and that line is
// not handed out.
func (l *lines) next() (line, error) {
	l.text = l.text[:0]
	l.number++
	for n := 0; ; {
		part, err := l.r.ReadSlice('\n')
		n += len(part)
		if n-1 <= l.most { // one more for the line feed
			l.text = append(l.text, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (err != io.EOF || n == 0):
			return line{}, err
		}
		text := bytes.TrimRight(l.text, "\r\n")
		if n > len(l.text) || len(text) > l.most {
			return line{number: l.number, over: true}, nil
		}
		return line{number: l.number, text: text}, nil
	}
}
