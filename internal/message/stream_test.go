package message

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"wxdispatch/internal/fault"
)

// split tells items as "line:index:raw" and the error that ended the stream.
func split(r io.Reader) (items []string, err error) {
	for item, err := range Split(r) {
		if err != nil {
			return items, err
		}
		items = append(items, fmt.Sprintf("%d:%d:%s", item.Line, item.Index, item.Raw))
	}
	return items, nil
}

func TestSplitTakes(t *testing.T) {
	cases := []struct {
		name, in string
		want     []string
	}{
		{"nothing", "", nil},
		{"white space", " \r\n\t\n", nil},
		{"one object", `{"a":1}`, []string{`1:0:{"a":1}`}},
		{"NDJSON", "{\"a\":1}\n{\"b\":2}\r\n\n{\"c\":3}", []string{`1:0:{"a":1}`, `2:1:{"b":2}`, `4:2:{"c":3}`}},
		{"pretty-printed ones", "{\n \"a\": 1\n}\n{\n \"b\": 2\n}", []string{"1:0:{\n \"a\": 1\n}", "4:1:{\n \"b\": 2\n}"}},
		{"on one line", `{}{} {}`, []string{"1:0:{}", "1:1:{}", "1:2:{}"}},
		{"array", "[\n {\"a\":[1,{}]},\n {\"b\":2} , {}\n]\n", []string{`2:0:{"a":[1,{}]}`, `3:1:{"b":2}`, `3:2:{}`}},
		{"empty array", " [ ] ", nil},
		{"two arrays", "[{}]\n[{}]", []string{"1:0:{}", "2:1:{}"}},
		{"byte order mark", "\ufeff{}", []string{"1:0:{}"}},
		{"byte order mark alone", "\ufeff", nil},
		{"brackets in strings", `{"a":"}]\"{\\"}{}`, []string{`1:0:{"a":"}]\"{\\"}`, "1:1:{}"}},
		{"no objects", "1 \"a b\"\ntrue\n[null,2,[3]]", []string{"1:0:1", `1:1:"a b"`, "2:2:true", "3:3:null", "3:4:2", "3:5:[3]"}},
	}
	for _, c := range cases {
		for how, r := range map[string]io.Reader{"at once": strings.NewReader(c.in), "byte by byte": iotest.OneByteReader(strings.NewReader(c.in))} {
			t.Run(c.name+" "+how, func(t *testing.T) {
				got, err := split(r)
				if err != nil || fmt.Sprint(got) != fmt.Sprint(c.want) {
					t.Errorf("got %q, %v, want %q", got, err, c.want)
				}
			})
		}
	}
}

func TestSplitRefuses(t *testing.T) {
	big := `{"a":"` + strings.Repeat("x", MaxSize) + `"}`
	cases := []struct {
		name, in string
		good     int
		at, want string
	}{
		{"bad word", "{}\n{\"a\": x}\n{}", 1, "line 2, column 7", "invalid character 'x'"},
		{"bad word in a later line", "{}\n  {\n\"中\": x}", 1, "line 3, column 6", "invalid character 'x'"},
		{"same line", `{} {"中":x}`, 1, "line 1, column 9", "invalid character 'x'"},
		{"wrong bracket", `{"a":1]}`, 0, "line 1, column 7", "invalid character ']'"},
		{"missing bracket", "{\"a\":1\n{\"b\":2}\n", 0, "line 2, column 1", "invalid character '{'"},
		{"missing quote", "{\"a\":\"b}\n{}", 0, "line 1, column 9", "in string literal"},
		{"cut off", "{}\n{\"a\":", 1, "line 2, column 6", "ends too early"},
		{"array not closed", "[{},\n{}\n", 2, "line 3, column 1", "] is missing"},
		{"array without comma", "[{}\n{}]", 1, "line 2, column 1", "allowed are , and ]"},
		{"array with comma at the end", "[{},]", 1, "line 1, column 5", "take the comma out"},
		{"array with two commas", "[{},,{}]", 1, "line 1, column 5", "not JSON"},
		{"comma between objects", "{},\n{}", 1, "line 1, column 3", "not JSON"},
		{"CSV", "openid,name\no1,x", 0, "line 1, column 1", "invalid character 'o'"},
		{"UTF-16", "\xff\xfe{\x00}\x00", 0, "line 1, column 1", "UTF-16"},
		{"too big", "{}\n " + big, 1, "line 2, column 2", "more than 1048576 bytes"},
		{"never closed", "{\"a\":1\n" + strings.Repeat("{}\n", MaxSize), 0, "line 2, column 1", "invalid character '{'"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := split(strings.NewReader(c.in))
			if len(got) != c.good || !fault.Is(err, fault.Invalid) {
				t.Fatalf("%d items, then %v", len(got), err)
			}
			if f := fields(err)[0]; f.Path != c.at || !strings.Contains(f.Message, c.want) {
				t.Errorf("told %v, want %q at %q", f, c.want, c.at)
			}
		})
	}
}

func TestSplitHandsReadErrorsOn(t *testing.T) {
	broken := errors.New("cable cut")
	got, err := split(io.MultiReader(strings.NewReader("{}\n{"), iotest.ErrReader(broken)))
	if len(got) != 1 || !errors.Is(err, broken) || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("%v, %v", got, err)
	}
}

func TestSplitStopsWhenAsked(t *testing.T) {
	for item, err := range Split(strings.NewReader("{} {} x")) {
		if err != nil || item.Index > 0 {
			t.Errorf("went on to %v, %v", item, err)
		}
		break
	}
}

// An array of many messages on one line is no line that is too long.
func TestSplitKeepsMemoryFlat(t *testing.T) {
	const count = 20000
	in := io.MultiReader(strings.NewReader("[{}"), strings.NewReader(strings.Repeat(`,{"pad":"`+strings.Repeat("x", 80)+`"}`, count)), strings.NewReader("]"))
	n := 0
	for item, err := range Split(in) {
		if err != nil {
			t.Fatal(err)
		}
		if cap(item.Raw) > 1024 {
			t.Fatalf("an item of %d bytes holds %d", len(item.Raw), cap(item.Raw))
		}
		n++
	}
	if n != count+1 {
		t.Errorf("%d items", n)
	}
}
