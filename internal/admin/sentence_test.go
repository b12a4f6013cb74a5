package admin

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/wechat"
)

func TestASentenceKeepsWhatWasFound(t *testing.T) {
	tests := []struct{ english, chinese string }{
		{`found "a \"b\" c"; write a whole number`, `收到 "a \"b\" c"；请填写整数`},
		{`found "a b"; allowed are 1 to 64 of A-Za-z0-9_.:-`, `收到 "a b"；须为 1 至 64 个字符，可用 A-Za-z0-9_.:-`},
		{"no account shpo is known; known are mini (miniprogram), shop (official)", "没有账号 shpo；已知账号：mini (miniprogram), shop (official)"},
		{"has 0 bytes; say in 1 to 500 why, for whoever finds the lane parked", "共 0 字节；请用 1 至 500 字节写明原因，供发现暂停的人了解"},
		{"it is waiting, not in_doubt; there is no doubt to end", "状态为 waiting，不是 in_doubt；没有需要处理的存疑"},
		{"what nobody has put into Chinese: 100%d", "what nobody has put into Chinese: 100%d"},
		{"", ""},
	}
	for _, test := range tests {
		if got := chinese.sentence(test.english); got != test.chinese {
			t.Errorf("%q is said as %q, want %q", test.english, got, test.chinese)
		}
		if got := english.sentence(test.english); got != test.english {
			t.Errorf("in English %q is said as %q", test.english, got)
		}
	}
}

// mayBeTold are the files whose errors people meet on the pages.
var mayBeTold = []string{"*.go", "../query/*.go", "../intake/resolve.go", "../intake/replay.go", "../intake/requeue.go", "../intake/status.go",
	"../intake/batches.go", "../intake/opener.go", "../operator/operator.go", "../registry/registry.go", "../ledger/batches.go", "../message/token.go"}

// neverTold are those of their sentences that no page causes.
var neverTold = []string{
	"the query cannot be read; write each special character as %%XX", "is empty; leave it out, or give a value", // of the HTTP API's queries
	"Redis did not answer", // the pages say so in their own words
	"account %s",           // of a worker that announces one
}

// Whatever people can be told has its Chinese, with as many holes, and no Chinese
// is left over.
func TestEverySentenceHasItsChinese(t *testing.T) {
	all, told := map[string]bool{}, map[string]bool{}
	for _, pattern := range mayBeTold {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") && !strings.HasPrefix(file, "chinese") {
				read(t, file, all, told)
			}
		}
	}
	if len(told) < 20 {
		t.Errorf("only %d sentences were found in the sources", len(told))
	}
	known := map[string]bool{}
	for text, chinese := range chineseSentences {
		known[plain(text)] = true
		if !all[plain(text)] {
			t.Errorf("nobody says %q", text)
		}
		if strings.Count(text, "%") != strings.Count(chinese, "%") {
			t.Errorf("%q and %q have different holes", text, chinese)
		}
	}
	for _, text := range neverTold {
		known[plain(text)] = true
	}
	for _, text := range slices.Sorted(maps.Keys(told)) {
		if !known[text] {
			t.Errorf("%q has no Chinese", text)
		}
	}
}

// read finds what a file says: all texts, and those that are surely told to
// people, since they stand in an error or a complaint.
func read(t *testing.T, file string, all, told map[string]bool) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	tell := func(e ast.Expr) {
		if text := plain(spelled(e)); strings.ContainsRune(strings.ReplaceAll(text, "%s", ""), ' ') {
			told[text] = true
		}
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			if key, is := n.Key.(*ast.Ident); is && key.Name == "Message" {
				tell(n.Value)
			}
		case *ast.CallExpr:
			if complains(n) {
				tell(n.Args[1])
			}
		}
		if e, is := n.(ast.Expr); is {
			all[plain(spelled(e))] = true
		}
		return true
	})
}

func complains(call *ast.CallExpr) bool {
	name, is := call.Fun.(*ast.SelectorExpr)
	return is && name.Sel.Name == "Complain" && len(call.Args) > 1
}

// spelled is a text as it is put together in the source, with %s for what is not
// written there.
func spelled(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil {
			return text
		}
	case *ast.BinaryExpr:
		return spelled(e.X) + spelled(e.Y)
	case *ast.CallExpr:
		if name, is := e.Fun.(*ast.SelectorExpr); is && name.Sel.Name == "Sprintf" {
			return spelled(e.Args[0])
		}
	}
	return "%s"
}

// plain makes all holes alike.
func plain(text string) string { return regexp.MustCompile(`%[qdv]`).ReplaceAllString(text, "%s") }

// Every class of WeChat's answers is a reason, and every code has its meaning in
// both languages.
func TestReasonsAndCodesHaveBothLanguages(t *testing.T) {
	for _, code := range wechat.Codes() {
		if code.English == "" || code.Chinese == "" {
			t.Errorf("errcode %d means %q, %q", code.Code, code.English, code.Chinese)
		}
		if class := string(code.Class); code.Class != fault.OK && chineseReasons[class] == "" {
			t.Errorf("the reason %s has no Chinese", class)
		}
	}
	record := ended("a", "refused", 43004)
	s := filledStand()
	s.records[0] = record
	body := ask(New(s.options()), "GET", "/message?account=shop&id=a", "Accept-Language", "zh").Body.String()
	for _, part := range []string{"该用户无法接收", wechat.Lookup(43004).Chinese} {
		if !strings.Contains(body, part) {
			t.Errorf("the Chinese page lacks %q", part)
		}
	}
}

// What a person can cause on the Chinese pages is said in Chinese.
func TestTroublesSpeakChinese(t *testing.T) {
	s := filledStand()
	s.refusal = &fault.Error{Class: fault.Conflict, Message: "it is accepted, not in_doubt; there is no doubt to end"}
	h := New(s.options())
	const zh = "Accept-Language"
	for path, part := range map[string]string{
		"/message?account=shop&id=a%20b":    "须为 1 至 64 个字符",
		"/message?account=shop&id=nobody":   "没有消息 nobody",
		"/failed?account=shop&state=good":   "异常结束的状态有：undelivered",
		"/failed?account=shop&errcode=x":    "请填写整数",
		"/permits?account=shop&openid=%20":  "ASCII 可见字符",
		"/message?account=shop&id=a&what=1": "没有这个参数",
	} {
		if body := ask(h, "GET", path, zh, "zh-CN").Body.String(); !strings.Contains(body, part) {
			t.Errorf("%s lacks %q:\n%s", path, part, body)
		}
	}
	for form, part := range map[string]string{
		"account=shop&id=d&how=drop&seen=2026-11-26T10:46:39Z":                "已有变化",
		"account=shop&id=d&how=maybe":                                         "可用：sent, resend, drop",
		"account=shop&state=in_doubt&how=drop&until=2026-11-26T14%3A13%3A20Z": "状态为 accepted，不是 in_doubt",
	} {
		if body := post(h, "/resolve", form, zh, "zh-CN").Body.String(); !strings.Contains(body, part) {
			t.Errorf("%s lacks %q:\n%s", form, part, body)
		}
	}
	if body := post(h, "/resolve", "", zh, "zh-CN", "Sec-Fetch-Site", "cross-site").Body.String(); !strings.Contains(body, "其他网站") {
		t.Errorf("a form of another site is told %s", body)
	}
}

// No sentence makes the pages fail, and what is none of ours stays as it is.
func FuzzSentence(f *testing.F) {
	for text := range chineseSentences {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got := chinese.sentence(text); strings.Contains(got, "%!") && !strings.Contains(text, "%!") {
			t.Fatalf("%q became %q", text, got)
		}
	})
}
