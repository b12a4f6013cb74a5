package message

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"wxdispatch/internal/fault"
)

var byteOrderMark = []byte("\xef\xbb\xbf")

// Item is one value out of a stream of messages.
type Item struct {
	Raw   json.RawMessage // as it was written; for Decode
	Line  int             // the line that it starts in, from 1
	Index int             // its number in the stream, from 0
}

// Split takes a stream of messages apart: one JSON object, an array of them,
// NDJSON, or objects one after another however they are broken into lines. It
// keeps no more than one value of at most MaxSize bytes in memory, and never
// reads ahead by more than a buffer. A byte order mark is passed over.
//
// Each value has good syntax but is not looked into: what is no object is
// handed over, too, so that Decode can say so. The first broken or oversized
// value ends the stream with an error of class invalid that names line and
// column. An error of r ends it too, wrapped.
func Split(r io.Reader) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		s := &splitter{r: bufio.NewReaderSize(r, 64<<10), at: place{1, 1}}
		if err := s.mark(); err != nil {
			yield(Item{}, err)
			return
		}
		for index := 0; ; index++ {
			raw, start, err := s.next()
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(Item{}, err)
				return
			}
			if !yield(Item{Raw: raw, Line: start.line, Index: index}, nil) {
				return
			}
		}
	}
}

// splitter knows where it stands in the stream.
type splitter struct {
	r       *bufio.Reader
	buf     []byte // room for one value, used again
	at      place  // of the next byte
	inArray bool
	first   bool // nothing of the array was read yet
}

// mark passes a byte order mark over and refuses UTF-16.
func (s *splitter) mark() error {
	head, err := s.r.Peek(len(byteOrderMark))
	if err != nil && err != io.EOF {
		return s.failed(err)
	}
	switch {
	case bytes.Equal(head, byteOrderMark):
		_, err := s.r.Discard(len(byteOrderMark))
		return err
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return mistake(s.at, "the text is UTF-16; save it as UTF-8")
	}
	return nil
}

// next returns the next value and where it starts, or io.EOF after the last.
func (s *splitter) next() (json.RawMessage, place, error) {
	for {
		c, err := s.peek()
		switch {
		case err == io.EOF && s.inArray:
			return nil, s.at, mistake(s.at, "the array is not closed; ] is missing")
		case err != nil:
			return nil, s.at, err
		}
		start := s.at
		switch {
		case !s.inArray && c == '[':
			s.inArray, s.first = true, true
			s.take()
		case s.inArray && c == ']':
			s.inArray = false
			s.take()
		case s.inArray && !s.first:
			if err := s.comma(c); err != nil {
				return nil, start, err
			}
			s.first = true // a value follows, as after the bracket
		default:
			s.first = false
			raw, err := s.value()
			return raw, start, err
		}
	}
}

// comma reads what stands between two values of an array.
func (s *splitter) comma(c byte) error {
	if c != ',' {
		return mistake(s.at, fmt.Sprintf("found %q; allowed are , and ] after a value of an array", c))
	}
	s.take()
	c, err := s.peek()
	if err == nil && c == ']' {
		return mistake(s.at, "found ] after a comma; take the comma out")
	}
	if err != nil && err != io.EOF {
		return err
	}
	return nil
}

// peek returns the next byte that is no white space, without taking it.
func (s *splitter) peek() (byte, error) {
	for {
		head, err := s.r.Peek(1)
		switch {
		case errors.Is(err, io.EOF):
			return 0, io.EOF
		case err != nil:
			return 0, s.failed(err)
		case !isSpace(head[0]):
			return head[0], nil
		}
		s.take()
	}
}

// take takes the byte that was peeked at.
func (s *splitter) take() byte {
	c, err := s.r.ReadByte()
	if err == nil {
		s.at = s.at.after(c)
	}
	return c
}

func (s *splitter) failed(err error) error {
	return fmt.Errorf("message.split: reading stopped at line %d: %w", s.at.line, err)
}

func mistake(at place, words string) error {
	return fault.InvalidFields("message.split", []fault.Field{{Path: at.String(), Message: words}})
}
