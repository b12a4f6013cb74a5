package api

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestLines(t *testing.T) {
	long := strings.Repeat("x", 100<<10) // more than the reader's buffer
	cases := []struct {
		name, body string
		want       []string // "!": over
	}{
		{"none", "", nil},
		{"with and without an end", "a\nb", []string{"a", "b"}},
		{"empty ones count", "\n\na\n", []string{"", "", "a"}},
		{"carriage returns", "a\r\nb\r\n", []string{"a", "b"}},
		{"as long as may be", long + "\nb", []string{long, "b"}},
		{"longer, then another", long + "y\nb\n", []string{"!", "b"}},
		{"much longer", strings.Repeat(long, 5) + "\nb\n", []string{"!", "b"}},
	}
	for _, c := range cases {
		for name, r := range map[string]io.Reader{"at once": strings.NewReader(c.body), "in halves": iotest.HalfReader(strings.NewReader(c.body))} {
			got := []string(nil)
			l := newLines(r, len(long))
			for {
				line, err := l.next()
				if err == io.EOF {
					break
				}
				if err != nil || line.number != len(got)+1 {
					t.Fatalf("%s, %s: line %d, %v", c.name, name, line.number, err)
				}
				text := string(line.text)
				if line.over {
					text = "!"
				}
				got = append(got, text)
			}
			same(t, c.name+", "+name, got, append([]string(nil), c.want...))
		}
	}
}

// What breaks off in the middle of a line is no line: half a message must not be
// taken for one.
func TestAHalfLineIsNoLine(t *testing.T) {
	l := newLines(io.MultiReader(strings.NewReader("a\n{}"), iotest.ErrReader(io.ErrUnexpectedEOF)), 100)
	if first, err := l.next(); err != nil || string(first.text) != "a" {
		t.Fatalf("%q, %v", first.text, err)
	}
	if l.whole() {
		t.Error("half a line counts as whole")
	}
	if half, err := l.next(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%q, %v", half.text, err)
	}
}

func FuzzLines(f *testing.F) {
	f.Add([]byte("a\n\nbb\r\nccccc"), 3)
	f.Fuzz(func(t *testing.T, body []byte, most int) {
		if most < 0 || most > 1<<16 {
			return
		}
		l, n := newLines(bytes.NewReader(body), most), 0
		for {
			line, err := l.next()
			if err == io.EOF {
				break
			}
			if n++; err != nil || line.number != n || len(line.text) > most || bytes.ContainsRune(line.text, '\n') {
				t.Fatalf("line %d of %q: %q, %v", n, body, line.text, err)
			}
		}
		if want := bytes.Count(append(body, '\n'), []byte("\n")); n != want && n != want-1 {
			t.Fatalf("%d lines of %q", n, body)
		}
	})
}

func FuzzCursor(f *testing.F) {
	f.Add(cursor{At: 1, ID: "a"}.String())
	f.Add("e30")
	f.Fuzz(func(t *testing.T, text string) {
		c, wrong := readCursor(text)
		if wrong != nil {
			return
		}
		if again, wrong := readCursor(c.String()); wrong != nil || again != c {
			t.Fatalf("%q: %+v, then %+v, %v", text, c, again, wrong)
		}
	})
}
