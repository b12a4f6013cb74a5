package main

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

// commaLine is the one way of breaking a message into lines that read does not
// take: an object, first on its line, after a comma.
var commaLine = regexp.MustCompile(`,\s*\n\s*\{`)

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"", "\n\n", `{"a":1}`, "{\"a\":1}\n{\"b\":2}\n", "{\n\"a\":\n{}}\n{\"b\":2}", "[{},\n1]",
		"{\"a\":\n{\"b\":2}\nx\n{\"c\":3}", "\xef\xbb\xbf{}", "\r{}\r\n\r\n{}", "  {}\n  {}", "{}{}\n1 2\n{}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var got []item
		read("in", bytes.NewReader(data), func(i item) bool { got = append(got, i); return true })
		var want [][]byte
		for value, err := range message.Split(bytes.NewReader(data)) {
			if err != nil || commaLine.Match(data) {
				return // what a broken stream holds is read's own business
			}
			want = append(want, value.Raw)
		}
		if len(got) != len(want) {
			t.Fatalf("read finds %d values, Split %d", len(got), len(want))
		}
		for i := range got {
			if got[i].err != nil || !bytes.Equal(bytes.TrimSpace(got[i].raw), bytes.TrimSpace(want[i])) {
				t.Errorf("value %d: %s %v, want %s", i, got[i].raw, got[i].err, want[i])
			}
		}
	})
}

func TestReadingStopsWhereTheInputFails(t *testing.T) {
	broken := errors.New("the disk is gone")
	var got []item
	read("in", &failing{order("a", "1") + "\n", broken}, func(i item) bool { got = append(got, i); return true })
	if len(got) != 2 || !errors.Is(got[1].err, broken) || fault.Is(got[1].err, fault.Invalid) {
		t.Errorf("%+v", got)
	}
}

type failing struct {
	text string
	err  error
}

func (f *failing) Read(to []byte) (int, error) {
	if f.text == "" {
		return 0, f.err
	}
	n := copy(to, f.text)
	f.text = f.text[n:]
	return n, nil
}

func TestLongMessagesAndManyLines(t *testing.T) {
	long := order("b", strings.Repeat("x", message.MaxSize+10_000))
	text := order("a", "1") + "\n" + long + "\n" + order("c", "1") + "\n" + strings.Repeat(order("d", "1"), 20_000)
	counted, bad := 0, 0
	read("in", strings.NewReader(text), func(i item) bool {
		counted++
		if i.err != nil {
			bad++
		}
		return true
	})
	if counted != 20_003 || bad != 1 {
		t.Errorf("%d values, %d of them bad; want 20003 and 1", counted, bad)
	}
}
