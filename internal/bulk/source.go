package bulk

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"wxdispatch/internal/fault"
)

// peeked is how much of a file is looked at to tell what it is.
const peeked = 64 << 10

// counter counts what is read of the file itself, packed or not.
type counter struct {
	r io.Reader
	n atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// unpack returns what a file says, unpacked when it is gzip by its first bytes,
// whatever its name is.
func unpack(r io.Reader) (*bufio.Reader, error) {
	buffered := bufio.NewReaderSize(r, peeked)
	head, err := buffered.Peek(2)
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("bulk.read: %w", err)
	}
	if !bytes.Equal(head, []byte{0x1f, 0x8b}) {
		return buffered, nil
	}
	unpacked, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, refusal("the file looks like gzip, but is none: %v", err)
	}
	return bufio.NewReaderSize(unpacked, peeked), nil
}

// lines reads a text line by line as UTF-8. No line costs more memory than
// MaxRow.
type lines struct {
	r       *bufio.Reader
	at      int  // the line that next returns
	decided bool // a byte beyond ASCII was met
	gb      bool // the text is GB18030
	back    []line
	buf     []byte
}

// line is one physical line with its end.
type line struct {
	at      int
	text    []byte // good until the next line is read
	tooLong bool   // the rest was passed over
}

func newLines(r *bufio.Reader) (*lines, error) {
	head, err := r.Peek(3)
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("bulk.read: %w", err)
	}
	switch {
	case bytes.Equal(head, []byte("\xef\xbb\xbf")):
		_, _ = r.Discard(3)
		return &lines{r: r, at: 1, decided: true}, nil
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return nil, refusal("the text is UTF-16; save it as UTF-8 (in a spreadsheet: CSV UTF-8)")
	}
	return &lines{r: r, at: 1}, nil
}

// next returns the next line, io.EOF after the last.
func (l *lines) next() (line, error) {
	if len(l.back) > 0 {
		first := l.back[0]
		l.back = l.back[1:]
		return first, nil
	}
	found := line{at: l.at}
	l.buf = l.buf[:0]
	for {
		part, err := l.r.ReadSlice('\n')
		if room := MaxRow - len(l.buf); len(part) > room {
			found.tooLong = true
			part = part[:room]
		}
		l.buf = append(l.buf, part...)
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && len(l.buf) == 0:
			return line{}, io.EOF
		case err != nil && err != io.EOF:
			return line{}, fmt.Errorf("bulk.read: reading stopped at line %d: %w", l.at, err)
		}
		l.at++
		found.text = l.decoded(l.buf)
		return found, nil
	}
}

// unread gives lines back, whose text must not change any more.
func (l *lines) unread(given []line) { l.back = append(given, l.back...) }

// decoded makes UTF-8 of a line. The first line beyond ASCII decides what the
// file is; a later one that is something else is not guessed at, but refused.
func (l *lines) decoded(text []byte) []byte {
	if !l.decided && beyondASCII(text) {
		l.decided, l.gb = true, !utf8.Valid(text)
	}
	if !l.gb || !beyondASCII(text) {
		return text
	}
	decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(text)
	if err != nil {
		return text
	}
	return decoded
}

func beyondASCII(text []byte) bool {
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

// broken says why a text that was decoded cannot be what was meant, or "".
func broken(text string) string {
	switch {
	case !utf8.ValidString(text):
		return "is not UTF-8, as the lines before it are; save the whole file in one encoding"
	case strings.ContainsRune(text, utf8.RuneError):
		return "has characters that are none in the file's encoding; save it as UTF-8"
	}
	return ""
}

func refusal(format string, args ...any) error {
	return &fault.Error{Op: "bulk.read", Class: fault.Invalid, Message: fmt.Sprintf(format, args...)}
}
