package bulk_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"wxdispatch/internal/bulk"
	"wxdispatch/internal/message"
)

var template = bulk.Layout{Completion: message.Completion{Account: "shop", Kind: message.Template, Template: "T", Batch: "spring"}}

// readAll reads a text and tells each row as "line: JSON" or "line: reason".
func readAll(t testing.TB, text []byte, layout bulk.Layout) []string {
	t.Helper()
	reader, err := bulk.Open(bytes.NewReader(text), layout)
	if err != nil {
		return []string{bulk.Reason(err)}
	}
	var rows []string
	for {
		row, err := reader.Next()
		if err == io.EOF {
			return rows
		}
		if err != nil {
			return append(rows, "end: "+err.Error())
		}
		said := string(row.JSON)
		if row.Err != nil {
			said = bulk.Reason(row.Err)
		}
		rows = append(rows, fmt.Sprintf("%d: %s", row.Line, said))
	}
}

func packed(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write([]byte(text))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func gb(t *testing.T, text string) string {
	t.Helper()
	out, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRowsOfAFile(t *testing.T) {
	plain := "openid,keyword1\noA,你好\n"
	want := []string{`2: {"body":{"data":{"keyword1":{"value":"你好"}},"touser":"oA"}}`}
	ascii := "openid,keyword1\n" + strings.Repeat("oA,x\n", 30000)
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"UTF-8":                  {plain, want},
		"with a byte order mark": {"\ufeff" + plain, want},
		"GB18030":                {gb(t, plain), want},
		"GB18030, packed":        {packed(t, gb(t, plain)), want},
		"a spreadsheet's ends":   {strings.ReplaceAll(plain, "\n", "\r\n"), want},
		"no line end at the end": {strings.TrimSuffix(plain, "\n"), want},
		"empty lines":            {"\n\nopenid,keyword1\n\noA,你好\n\n", []string{`5` + want[0][1:]}},
		"a quoted line break":    {"openid,keyword1\noA,\"a\nb\"\"c\"\noB,d\n", []string{`2: {"body":{"data":{"keyword1":{"value":"a\nb\"c"}},"touser":"oA"}}`, `4: {"body":{"data":{"keyword1":{"value":"d"}},"touser":"oB"}}`}},
		"broken quoting":         {"openid,keyword1\noA,\"a\noB,b\noC,x\"y\n", []string{"2: has a quote that is not closed", `3: {"body":{"data":{"keyword1":{"value":"b"}},"touser":"oB"}}`, `4: has a " within a cell`}},
		"too many cells":         {"openid,keyword1\noA,a,b\n", []string{"2: has 3 cells, the header row has 2 columns"}},
		"two encodings":          {plain + gb(t, "oB,再见\n"), append(want, "3: is not UTF-8, as the lines before it are")},
		"a great row":            {"openid,keyword1\noA," + strings.Repeat("x", bulk.MaxRow+5) + "\noA,你好\n", []string{"2: has more than 1048576 bytes", "3" + want[0][1:]}},
		"UTF-16":                 {"\xff\xfea\x00", []string{"the text is UTF-16; save it as UTF-8"}},
		"nothing":                {"", []string{"the file is empty"}},
		"no gzip":                {"\x1f\x8bxx", []string{"the file looks like gzip, but is none"}},
		"semicolons":             {"openid;keyword1\n", []string{`the header row has one column, "openid;keyword1"; separate columns with commas`}},
		"NDJSON":                 {"{\"a\":1}\n\n  {\"b\":2}\r\n", []string{`1: {"a":1}`, `3: {"b":2}`}},
		"an array":               {"[1]\n", []string{"1: found an array; a file holds one JSON object a line"}},
		"Chinese late":           {ascii + "oB,你好\n", nil},
		"GB18030 late":           {gb(t, ascii+"oB,你好\n"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := readAll(t, []byte(c.text), template)
			if c.want == nil {
				if last := got[len(got)-1]; !strings.Contains(last, "你好") {
					t.Errorf("the last row is %s", last)
				}
				return
			}
			if len(got) != len(c.want) {
				t.Fatalf("got %q", got)
			}
			for i := range got {
				if !strings.HasPrefix(got[i], c.want[i]) {
					t.Errorf("row %d: got %s\nwant %s", i, got[i], c.want[i])
				}
			}
		})
	}
}

// TestWhereColumnsGo: what each kind's columns become decodes as a message.
func TestWhereColumnsGo(t *testing.T) {
	for _, c := range []struct {
		kind      message.Kind
		header    string
		row       string
		mapped    map[string]string
		want      string
		undecided bool // the header is refused
	}{
		{message.Template, "id,openid,first,miniprogram.appid,miniprogram.path,send_at", "a-1,oA,hi,wx1,p/q,2026-12-01 20:00", nil,
			`"batch":"spring","body":{"data":{"first":{"value":"hi"}},"miniprogram":{"appid":"wx1","pagepath":"p/q"},"template_id":"T","touser":"oA"},"id":"a-1","kind":"template","send_at":"2026-12-01T20:00:00+08:00"`, false},
		{message.Bizsend, "touser,thing1,page", "oA,hi,p", nil, `"data":{"thing1":{"value":"hi"}},"page":"p"`, false},
		{message.Onetime, "touser,content,scene,title", "oA,hi,7,T", nil, `"scene":"7"`, false},
		{message.WXOpen, "touser,keyword1,prepay_id,emphasis_keyword", "oA,hi,wx201,keyword1.DATA", nil, `"form_id":"wx201"`, false},
		{message.Subscribe, "用户,金额,备注", "oA,3元,x", map[string]string{"用户": "touser", "金额": "data.amount2", "备注": "-"}, `"data":{"amount2":{"value":"3元"}}`, false},
		{message.Uniform, "touser,data.a,form_id,mp_template_msg.appid,mp_template_msg.template_id,mp_template_msg.data.b", "oA,x,f1,wx1,T2,y", nil,
			`"mp_template_msg":{"appid":"wx1","data":{"b":{"value":"y"}},"template_id":"T2"},"touser":"oA","weapp_template_msg":{"data":{"a":{"value":"x"}},"form_id":"f1","template_id":"T"}`, false},
		{message.Template, "openid,keyword1,force", "oA,,yes", nil, `"force":true`, false},
		{message.Template, "openid,spam", "", nil, "column spam: is not known; known for kind template are touser", true},
		{message.Template, "openid,touser", "", nil, "column touser: says the same as column openid", true},
		{message.Template, "openid,a", "", map[string]string{"a": "form_id"}, `column a: is mapped to "form_id", which kind template does not have`, true},
		{message.Template, "openid", "", map[string]string{"b": "url"}, "column b: is mapped, but the file has no such column; it has openid", true},
	} {
		t.Run(string(c.kind)+" "+c.header, func(t *testing.T) {
			layout := bulk.Layout{Map: c.mapped, Completion: message.Completion{Account: "mini", Kind: c.kind, Template: "T", Batch: "spring"}}
			got := readAll(t, []byte(c.header+"\n"+c.row+"\n"), layout)
			if c.undecided {
				if len(got) != 1 || !strings.HasPrefix(got[0], c.want) {
					t.Errorf("got %q", got)
				}
				return
			}
			_, text, _ := strings.Cut(got[0], ": ")
			m, err := layout.Completion.Decode([]byte(text))
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if !strings.Contains(string(m.Raw), c.want) {
				t.Errorf("got %s\nwant %s", m.Raw, c.want)
			}
		})
	}
}

func TestBatchNames(t *testing.T) {
	for file, want := range map[string]string{"spring.csv": "spring", "/a/b/春节 2026.ndjson.gz": "2026", "may.csv.refused.csv": "may", "a b.csv": "a-b", ".csv": "",
		strings.Repeat("x", 80) + ".csv": strings.Repeat("x", 64)} {
		if got := bulk.BatchName(file); got != want {
			t.Errorf("%s: got %q, want %q", file, got, want)
		}
	}
}

// FuzzRows: whatever a file holds, it is read to its end, no row is longer than
// allowed, and lines only go up.
func FuzzRows(f *testing.F) {
	for _, seed := range []string{"openid,keyword1\noA,\"a\nb\"\n", "{\"a\":1}\n[2]\n", "openid,keyword1\n\"\"\"\n\",\n", "\ufeffopenid\n\xc4\xe3\n", "\x1f\x8b\x08\x00"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		reader, err := bulk.Open(bytes.NewReader(text), template)
		if err != nil {
			return
		}
		line := 0
		for {
			row, err := reader.Next()
			if err != nil {
				return
			}
			if row.Line <= line || row.Line > 1+bytes.Count(text, []byte("\n")) && !bytes.HasPrefix(text, []byte{0x1f, 0x8b}) {
				t.Fatalf("row at line %d after %d", row.Line, line)
			}
			line = row.Line
			if row.Err == nil && len(row.JSON) > 8*bulk.MaxRow {
				t.Fatalf("a row of %d bytes", len(row.JSON))
			}
		}
	})
}
