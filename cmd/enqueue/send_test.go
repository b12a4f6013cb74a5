package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"

	"wxdispatch/internal/redistest"
)

func TestSendTwiceIsADuplicate(t *testing.T) {
	servers := map[string]func(t *testing.T) string{
		"miniredis":    func(t *testing.T) string { return miniredis.RunT(t).Addr() },
		"redis-server": func(t *testing.T) string { return redistest.Server(t) },
	}
	for name, start := range servers {
		t.Run(name, func(t *testing.T) {
			s := newShell(t, start(t))
			s.run(order("a", "1"), "send", "--json").exits(exitOK).
				prints(`{"id":"a","account":"shop","state":"queued","duplicate":false,"source":"stdin:1"}` + "\n")
			s.run(order("a", "1"), "send", "--json", "-").exits(exitOK).
				prints(`{"id":"a","account":"shop","state":"queued","duplicate":true,"source":"stdin:1"}` + "\n")
			got := s.run(order("a", "2"), "send", "--json").exits(exitRefused).lines()[0]
			if code := got["error"].(map[string]any)["code"]; code != "conflict" || got["id"] != "a" {
				t.Errorf("other content under the id: %v", got)
			}
		})
	}
}

func TestOneBadMessageDoesNotStopTheOthers(t *testing.T) {
	s := miniShell(t)
	file := write(t, "orders.ndjson", strings.Join([]string{
		"\xef\xbb\xbf" + order("a", "1"),
		`{"id":"b","account":"shop",`,
		order("c", "1"),
		strings.Replace(order("d", "1"), `"value":`, `"valeu":`, 1),
		"",
		order("a", "1"),
		order("a", "2"),
		strings.Replace(order("e", "1"), "shop", "mini", 1),
	}, "\r\n"))
	got := s.run("", "send", file).exits(exitRefused)
	got.prints(`ID  ACCOUNT  STATE   NOTE
a   shop     queued
-   -        -       invalid
c   shop     queued
d   shop     -       invalid
a   shop     queued  known already
a   shop     -       conflict
e   mini     -       invalid
`)
	got.says(
		file+":2: line 2, at its end: the JSON ends too early",
		file+":4: body.data.k.valeu: unknown field",
		file+":4: body.data.k.value: missing",
		file+":7: the id a ",
		file+":8: kind: found template; account mini is miniprogram: wxopen, uniform, subscribe",
		"7 messages: 2 taken, 1 known already, 4 refused",
	)
}

func TestShapesOfInput(t *testing.T) {
	pretty := "{\n  \"id\": \"a\",\n  \"account\": \"shop\", \"kind\": \"template\",\n  \"body\":\n{\"touser\": \"o\", \"template_id\": \"t\", \"data\":\n  {\"k\": {\"value\": \"v\"}}}\n}\n"
	cases := []struct {
		name, text string
		code       int
		ids        string
		words      string
	}{
		{"nothing", "", exitOK, "", ""},
		{"blank lines", "\n \n\n", exitOK, "", ""},
		{"object", order("a", "1"), exitOK, "a", ""},
		{"object over many lines", pretty, exitOK, "a", ""},
		{"objects over many lines, one broken", pretty + "{\n  \"id\": }\n" + strings.ReplaceAll(pretty, `"a"`, `"b"`), exitRefused, "a,,b", "stdin:8: line 9, column 9: is not JSON"},
		{"objects on one line", order("a", "1") + order("b", "1"), exitOK, "a,b", ""},
		{"array", "[" + order("a", "1") + ",\n" + order("b", "1") + "]", exitOK, "a,b", ""},
		{"array after blank lines", "\n\n [" + order("a", "1") + "]", exitOK, "a", ""},
		{"array with a bad message", "[" + order("a", "1") + `, {"id":"b"}, ` + order("c", "1") + "]", exitRefused, "a,b,c", "stdin[1]: account: missing"},
		{"broken array", "[" + order("a", "1") + ",\n}, " + order("c", "1") + "]", exitRefused, "a,", "stdin[1]: line 2, column 1"},
		{"array of something else", `[1]`, exitRefused, "", "stdin[0]: found the number 1; allowed is an object"},
		{"first line broken", "{\"id\n" + order("b", "1"), exitRefused, ",b", "stdin:1: line 1, column"},
		{"something else between", order("a", "1") + "\nhello\n" + order("b", "1"), exitRefused, "a,,b", "stdin:2: line 2, column 1: is not JSON"},
		{"lines with white space", "  " + order("a", "1") + "\n\t{\"id\"\n  " + order("b", "1"), exitRefused, "a,,b", "stdin:2: line"},
		{"several on a broken line", order("a", "1") + " {]\n x\n" + order("b", "1"), exitRefused, "a,,b", "what follows up to line 2 was not read"},
		{"commas after lines", order("a", "1") + ",\n" + order("b", "1"), exitRefused, "a,,b", "stdin:1: line 1"},
		{"UTF-16", "\xff\xfe{\x00}\x00", exitRefused, "", "the text is UTF-16"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := miniShell(t).run(c.text, "send", "--json").exits(c.code).says(c.words)
			var ids []string
			if got.out != "" {
				for _, line := range got.lines() {
					ids = append(ids, line["id"].(string))
				}
			}
			if strings.Join(ids, ",") != c.ids {
				t.Errorf("ids %q, want %q", ids, c.ids)
			}
		})
	}
}

func TestFilesOneAfterAnother(t *testing.T) {
	s := miniShell(t)
	one, two := write(t, "one.json", order("a", "1")), write(t, "two.json", `[{"id":"b"}]`)
	got := s.run(order("c", "1"), "send", "--json", one, two, "-").exits(exitRefused).says(two + "[0]: account: missing")
	for i, want := range []string{one + ":1", two + "[0]", "stdin:1"} {
		if source := got.lines()[i]["source"]; source != want {
			t.Errorf("result %d is of %v, want %s", i, source, want)
		}
	}
}

func TestWarningsRefuseNothing(t *testing.T) {
	text := strings.Replace(order("a", "1"), `"value":"1"`, `"value":"1","color":"#173177"`, 1)
	got := miniShell(t).run(text+"\n"+text, "send", "--json").exits(exitOK)
	if n := strings.Count(got.err, "warning: body.data.k.color"); n != 1 {
		t.Errorf("the same warning is told %d times:\n%s", n, got.err)
	}
	if len(got.lines()[1]["warnings"].([]any)) != 1 {
		t.Errorf("a JSON line has no warning: %s", got.out)
	}
}

func TestFlagsMakeTheBody(t *testing.T) {
	s := miniShell(t)
	cases := []struct{ name, args, want string }{
		{"template", "--kind template --url https://example.org --data a=1=2 --id x1",
			`{"path":"/cgi-bin/message/template/send","body":{"touser":"o1","template_id":"t1","url":"https://example.org","data":{"a":{"value":"1=2"}},"client_msg_id":"x1"}}`},
		{"bizsend", "--kind bizsend --page pages/index --data a=<b>",
			`{"path":"/cgi-bin/message/subscribe/bizsend","body":{"touser":"o1","template_id":"t1","page":"pages/index","data":{"a":{"value":"<b>"}}}}`},
		{"onetime", "--kind onetime --scene 1000 --title Hello --data content=c",
			`{"path":"/cgi-bin/message/template/subscribe","body":{"touser":"o1","template_id":"t1","scene":1000,"title":"Hello","data":{"content":{"value":"c"}}}}`},
		{"wxopen", "--kind wxopen --form-id prepay_id=wx1 --page p --data b=2 --data a=1",
			`{"path":"/cgi-bin/message/wxopen/template/send","body":{"touser":"o1","template_id":"t1","page":"p","form_id":"wx1","data":{"a":{"value":"1"},"b":{"value":"2"}}}}`},
		{"subscribe", "--kind subscribe --page p --data a=1 --at 2026-11-22T20:00:00+08:00 --expires 2026-11-23T20:00:00+08:00 --delivery at_least_once --batch spring --force",
			`{"path":"/cgi-bin/message/subscribe/send","body":{"touser":"o1","template_id":"t1","page":"p","data":{"a":{"value":"1"}}}}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			args := append([]string{"send", "--json", "--print", "--account", "shop", "--to", "o1", "--template", "t1"}, strings.Fields(c.args)...)
			s.run("", args...).exits(exitOK).prints(c.want + "\n")
		})
	}
}

func TestFlagsThatCannotBe(t *testing.T) {
	s := miniShell(t)
	base := []string{"send", "--account", "shop", "--to", "o1", "--template", "t1"}
	cases := []struct {
		args  string
		code  int
		words string
	}{
		{"", exitUsage, "--kind is missing"},
		{"--kind uniform", exitUsage, "put it into a file"},
		{"--kind template --page p", exitUsage, "--page is not for kind template, but for bizsend, wxopen, subscribe"},
		{"--kind template --data a", exitUsage, `--data "a" has no name`},
		{"--kind template --data a=1 --data a=2", exitUsage, "--data a is given twice"},
		{"--kind letter --data a=1", exitRefused, `flags: kind: found "letter"`},
		{"--kind template --data a=1 --at tomorrow", exitRefused, `flags: send_at: found "tomorrow"`},
		{"--kind subscribe --data a=1", exitRefused, "account shop is official: template, bizsend, onetime"},
	}
	for _, c := range cases {
		s.run("", append(base, strings.Fields(c.args)...)...).exits(c.code).says(c.words)
	}
	s.run("", append(base, "--kind", "template", "--data", "a=1", "--id", "x1")...).exits(exitOK).
		prints("ID  ACCOUNT  STATE   NOTE\nx1  shop     queued\n")
}

func TestWXOpenWithoutFormIsUnpermitted(t *testing.T) {
	got := miniShell(t).run(`{"id":"a","account":"mini","kind":"wxopen","body":{"touser":"o","template_id":"t"}}`, "send", "--json").exits(exitRefused)
	if code := got.lines()[0]["error"].(map[string]any)["code"]; code != "unpermitted" {
		t.Errorf("code %v", code)
	}
	got.says("no permit of this user lasts until")
}

func TestPrintShowsEveryExample(t *testing.T) {
	files, err := filepath.Glob("../../examples/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	s := newShell(t, "127.0.0.1:1") // nothing answers there: --print must not ask
	for _, file := range files {
		got := s.run("", "send", "--print", file).exits(exitOK)
		path, body, ok := strings.Cut(strings.TrimSuffix(got.out, "\n"), "\n")
		if !ok || !strings.HasPrefix(path, "POST /cgi-bin/message/") || !strings.HasPrefix(body, `{"touser":`) {
			t.Errorf("%s: %s", file, got.out)
		}
		if strings.Contains(body, `\u`) {
			t.Errorf("%s: an escape that WeChat refuses: %s", file, body)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if template := strings.Contains(string(text), `"kind": "template"`); template != strings.Contains(body, "client_msg_id") {
			t.Errorf("%s: client_msg_id is for kind template alone: %s", file, body)
		}
	}
	s.run(`{"id":"a"}`+"\n"+order("b", "1"), "send", "--print").exits(exitRefused).says("stdin:1: account: missing")
}
