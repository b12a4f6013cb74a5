package wxdispatch_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"wxdispatch/internal/config"
	"wxdispatch/internal/message"
)

// documents are the pages that people read; the READMEs come first.
var documents = []string{"README.md", "README.zh-CN.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/operations.md", "docs/operations.zh-CN.md"}

const testCommand = "WXDISPATCH_TEST_REQUIRE_REDIS=1 go test -race ./..."

// page is a Markdown document as these tests read it.
type page struct {
	name     string
	text     string
	headings []string // the marks only: "##", "###"
	blocks   []block
	rows     []string // the code words of each table row's first cell, by heading
	prose    string   // everything outside of blocks
}

// block is one fenced block.
type block struct {
	section int    // which ## heading it stands under
	lang    string // after the fence
	mark    string // of the comment before it: "run", "run: env" …
	line    int
	text    string
}

var (
	markLine = regexp.MustCompile(`^<!-- (run\b.*?) -->$`)
	codeWord = regexp.MustCompile("`([^`]+)`")
	linkTo   = regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)]*)?\)`)
)

func readPage(t *testing.T, name string) page {
	t.Helper()
	p := page{name: name, text: text(t, name)}
	var open *block
	var prose []string
	mark, section, rule := "", 0, false
	for i, line := range strings.Split(p.text, "\n") {
		fence, isFence := strings.CutPrefix(line, "```")
		switch found := markLine.FindStringSubmatch(line); {
		case isFence && open == nil:
			open = &block{section: section, lang: fence, mark: mark, line: i + 1}
			mark = ""
		case isFence:
			p.blocks, open = append(p.blocks, *open), nil
		case open != nil:
			open.text += line + "\n"
		case found != nil:
			mark = found[1]
		case strings.HasPrefix(line, "#"):
			level, _, _ := strings.Cut(line, " ")
			p.headings = append(p.headings, level)
			if level == "##" {
				section++
			}
		case strings.HasPrefix(line, "|---"):
			rule = true
		case strings.HasPrefix(line, "|") && rule:
			p.rows = append(p.rows, strconv.Itoa(len(p.headings))+" "+firstCell(line))
		}
		rule = rule && strings.HasPrefix(line, "|")
		if open == nil && !isFence {
			prose = append(prose, line)
		}
	}
	if open != nil {
		t.Fatalf("%s:%d: the block is not closed", name, open.line)
	}
	p.prose = strings.Join(prose, "\n")
	return p
}

// firstCell is what a row is about: its code words, else its numbers.
func firstCell(line string) string {
	cell, _, _ := strings.Cut(strings.TrimPrefix(line, "|"), " |")
	var words []string
	for _, w := range codeWord.FindAllStringSubmatch(cell, -1) {
		words = append(words, w[1])
	}
	if words == nil {
		words = regexp.MustCompile(`\d+`).FindAllString(cell, -1)
	}
	return strings.Join(words, " ")
}

// column returns the first cells of the table whose first row is about first.
func (p page) column(first string) []string {
	var found []string
	heading := ""
	for _, row := range p.rows {
		under, cell, _ := strings.Cut(row, " ")
		if found == nil && cell == first {
			heading = under
		}
		if heading != "" && under == heading {
			found = append(found, cell)
		}
	}
	return found
}

func TestReadmesAreLevel(t *testing.T) { level(t, "README.md", "README.zh-CN.md") }

func TestOperationsAreLevel(t *testing.T) {
	level(t, "docs/operations.md", "docs/operations.zh-CN.md")
}

// level holds a page against its Chinese one.
func level(t *testing.T, english, chinese string) {
	t.Helper()
	en, zh := readPage(t, english), readPage(t, chinese)
	if !slices.Equal(en.headings, zh.headings) {
		t.Errorf("headings differ:\n%v\n%v", en.headings, zh.headings)
	}
	differ(t, "table rows", en.rows, zh.rows)
	commands := func(p page) (list []string) {
		for _, b := range p.blocks {
			if b.lang == "sh" {
				list = append(list, "<!-- "+b.mark+" -->\n"+b.text)
			}
		}
		return list
	}
	differ(t, "sh blocks", commands(en), commands(zh))
}

// differ names the first place where two lists are not the same.
func differ(t *testing.T, what string, en, zh []string) {
	t.Helper()
	for i := range max(len(en), len(zh)) {
		switch {
		case i >= len(en):
			t.Errorf("%s: only the Chinese page has %q", what, zh[i])
		case i >= len(zh):
			t.Errorf("%s: only the English page has %q", what, en[i])
		case en[i] != zh[i]:
			t.Errorf("%s differ:\nREADME.md:       %q\nREADME.zh-CN.md: %q", what, en[i], zh[i])
		default:
			continue
		}
		return
	}
}

func TestReadmeTablesAreWhole(t *testing.T) {
	p := readPage(t, "README.md")
	var kinds, states []string
	for _, k := range message.Kinds() {
		kinds = append(kinds, string(k))
	}
	for _, s := range message.States() {
		states = append(states, string(s))
	}
	differ(t, "kinds (second: the code's)", p.column("template")[:len(kinds)], kinds)
	differ(t, "states (second: the code's)", p.column("queued"), states)
	metrics := sources(t, "internal/metrics") + sources(t, "internal/gateway")
	for _, name := range p.column("wxdispatch_messages_total") {
		if !strings.Contains(metrics, `"`+strings.TrimPrefix(name, "wxdispatch_")+`"`) &&
			!strings.Contains(metrics, `"`+strings.TrimPrefix(name, "wxdispatch")+`"`) {
			t.Errorf("the code has no metric %s", name)
		}
	}
}

func TestReadmeCallsAreTheAPIs(t *testing.T) {
	var api struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	if err := json.Unmarshal([]byte(text(t, "internal/api/openapi.json")), &api); err != nil {
		t.Fatal(err)
	}
	told := readPage(t, "README.md").column("POST /api/v1/messages")
	for path, methods := range api.Paths {
		for method := range methods {
			if call := strings.ToUpper(method) + " " + path; method != "parameters" && !slices.Contains(told, call) {
				t.Errorf("README.md lacks %s, which openapi.json has", call)
			}
		}
	}
	for _, call := range told {
		method, path, _ := strings.Cut(call, " ")
		if api.Paths[path][strings.ToLower(method)] == nil {
			t.Errorf("README.md names %s, which openapi.json does not have", call)
		}
	}
}

// sources joins the Go sources of a folder, tests left out.
func sources(t *testing.T, folder string) string {
	t.Helper()
	var all strings.Builder
	for _, file := range goFiles(t, folder) {
		all.WriteString(text(t, file))
	}
	return all.String()
}

func goFiles(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || files == nil {
		t.Fatalf("%s has no Go files (%v)", folder, err)
	}
	return slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, "_test.go") })
}

var (
	programRun  = regexp.MustCompile(`go run \./cmd/([a-z]+)((?: +[^\s|<>;&]+)*)`)
	programWord = regexp.MustCompile("`(enqueue|worker|wechatsim)((?: +[^\\s`]+)*)`")
	flagWord    = regexp.MustCompile(`^--([a-z-]+)`)
)

// Every command and flag on the pages is one that the programs declare.
func TestDocumentedCommandsExist(t *testing.T) {
	known := map[string]map[string]bool{}
	for _, name := range documents {
		p := readPage(t, name)
		calls := programWord.FindAllStringSubmatch(p.prose, -1)
		for _, b := range p.blocks {
			calls = append(calls, programRun.FindAllStringSubmatch(strings.ReplaceAll(b.text, "\\\n", " "), -1)...)
		}
		for _, call := range calls {
			program := call[1]
			if known[program] == nil {
				known[program] = declared(t, filepath.Join("cmd", program))
			}
			for i, word := range strings.Fields(call[2]) {
				flag := flagWord.FindStringSubmatch(word)
				switch {
				case flag != nil && !known[program]["--"+flag[1]]:
					t.Errorf("%s: %s has no flag %s", name, program, word)
				case flag == nil && i == 0 && !known[program][word]:
					t.Errorf("%s: %s has no command %s", name, program, word)
				}
			}
		}
	}
}

// declared returns the commands (the first word of each Use) and, as --NAME,
// every text of the program that could name a flag.
func declared(t *testing.T, folder string) map[string]bool {
	t.Helper()
	words := map[string]bool{"--help": true} // cobra gives every program that
	for _, file := range goFiles(t, folder) {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Use" {
					use, _, _ := strings.Cut(literal(n.Value), " ")
					words[use] = true
				}
			case *ast.BasicLit:
				words["--"+literal(n)] = true
			}
			return true
		})
	}
	return words
}

func literal(e ast.Expr) string {
	if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		value, _ := strconv.Unquote(lit.Value)
		return value
	}
	return ""
}

var (
	variable  = regexp.MustCompile(`WXDISPATCH_[A-Z0-9_]*[A-Z0-9]`)
	assigned  = regexp.MustCompile(`(WXDISPATCH_[A-Z0-9_]+)=(\S+)`)
	configKey = regexp.MustCompile(`^(redis|wechat|accounts|retry|park|message|worker|api|callback|log)(\.[a-z_]+)+$`)
)

// The variables that the READMEs export make a configuration that worker and
// serve start with.
func TestDocumentedVariablesConfigure(t *testing.T) {
	p := readPage(t, "README.md")
	var env []string
	for _, b := range p.blocks {
		if b.mark == "run: env" {
			for _, found := range assigned.FindAllStringSubmatch(b.text, -1) {
				env = append(env, found[1]+"="+found[2])
			}
		}
	}
	cfg, err := config.Load(config.Options{File: "config.yaml", Env: env})
	if err != nil {
		t.Fatal(err)
	}
	if err := cfg.CheckWorker(); err != nil {
		t.Errorf("worker does not start with them: %v", err)
	}
	if err := cfg.CheckServe(); err != nil {
		t.Errorf("enqueue serve does not start with them: %v", err)
	}
}

func TestDocumentedKeysExist(t *testing.T) {
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(text(t, "config.yaml")), &root); err != nil {
		t.Fatal(err)
	}
	paths := map[string]bool{}
	walkKeys(root.Content[0], "", paths)
	names := map[string]bool{"WXDISPATCH_CONFIG": true, "WXDISPATCH_TEST_REQUIRE_REDIS": true, "WXDISPATCH_TEST_README": true,
		"WXDISPATCH_TEST_REQUIRE_CHROMIUM": true, "WXDISPATCH_TEST_PICTURES": true,
		"WXDISPATCH_API_KEYS_APP_KEY": true, "WXDISPATCH_API_KEYS_APP_SCOPES": true}
	for path := range paths {
		name := "WXDISPATCH_" + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(path))
		names[name], names[name+"_FILE"] = true, true
	}
	for _, document := range documents {
		p := readPage(t, document)
		for _, name := range variable.FindAllString(p.text, -1) {
			prefix := func(known string) bool { return strings.HasPrefix(known, name+"_") }
			if !names[name] && !slices.ContainsFunc(slices.Collect(mapKeys(names)), prefix) {
				t.Errorf("%s: no key of config.yaml has the variable %s", document, name)
			}
		}
		for _, word := range codeWord.FindAllStringSubmatch(p.prose, -1) {
			path, _, _ := strings.Cut(word[1], ":")
			path = strings.Replace(path, "accounts.NAME.", "accounts.shop.", 1)
			secret := strings.TrimSuffix(path, "_file") // secrets have that, too
			if configKey.MatchString(path) && !paths[path] && !paths[secret] && !isFile(path) {
				t.Errorf("%s: config.yaml has no key %s", document, path)
			}
		}
	}
}

func walkKeys(n *yaml.Node, at string, into map[string]bool) {
	for i := 0; n.Kind == yaml.MappingNode && i < len(n.Content); i += 2 {
		path := strings.TrimPrefix(at+"."+n.Content[i].Value, ".")
		into[path] = true
		walkKeys(n.Content[i+1], path, into)
	}
}

func mapKeys(m map[string]bool) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// tree is every file and folder of the checkout, git's own left out.
func tree(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && d.Name() == ".git" {
			return filepath.SkipDir
		}
		all[filepath.ToSlash(path)] = true
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func isFile(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

var (
	pathWord = regexp.MustCompile(`^(\./)?(internal|cmd|chaos|examples|\.ci)(/[A-Za-z0-9_.*-]+)*/?$`)
	fileWord = regexp.MustCompile(`^[A-Za-z0-9_-]+\.(go|lua|md|yaml|html|css)$`)
)

func TestDocumentedFilesExist(t *testing.T) {
	all := tree(t)
	bases := map[string]bool{}
	for path := range all {
		bases[filepath.Base(path)] = true
	}
	for _, document := range documents {
		p := readPage(t, document)
		for _, link := range linkTo.FindAllStringSubmatch(p.prose, -1) {
			if !strings.Contains(link[1], "://") && !isFile(filepath.Join(filepath.Dir(document), link[1])) {
				t.Errorf("%s links to %s, which does not exist", document, link[1])
			}
		}
		for _, word := range codeWord.FindAllStringSubmatch(p.prose, -1) {
			switch name := word[1]; {
			case pathWord.MatchString(name):
				if found, _ := filepath.Glob(name); found == nil {
					t.Errorf("%s names %s, which does not exist", document, name)
				}
			case fileWord.MatchString(name) && !bases[name]:
				t.Errorf("%s names %s, which does not exist", document, name)
			}
		}
	}
}

// A new room is put on the map before it lands.
func TestArchitectureNamesEveryRoom(t *testing.T) {
	p := readPage(t, "ARCHITECTURE.md")
	for path := range tree(t) {
		room := filepath.ToSlash(filepath.Dir(path))
		ours := strings.HasPrefix(room, "internal/") || strings.HasPrefix(room, "cmd/")
		if ours && strings.HasSuffix(path, ".go") && !strings.Contains(p.prose, "`"+room+"`") {
			t.Errorf("ARCHITECTURE.md lacks %s: give it a line with its floor and job", room)
		}
	}
}

var (
	accountKey = regexp.MustCompile(`of\(account, "([a-z]+):?"`)
	luaScript  = regexp.MustCompile(`^internal/ledger/lua/[a-z_]+\.lua$`)
)

func TestArchitectureNamesEveryKeyAndScript(t *testing.T) {
	p := readPage(t, "ARCHITECTURE.md")
	for _, key := range accountKey.FindAllStringSubmatch(text(t, "internal/message/keys/keys.go"), -1) {
		if !strings.Contains(p.prose, "`wxd:{account}:"+key[1]) {
			t.Errorf("ARCHITECTURE.md lacks the key wxd:{account}:%s of internal/message/keys", key[1])
		}
	}
	for path := range tree(t) {
		if luaScript.MatchString(path) && !strings.Contains(p.prose, "`"+filepath.Base(path)+"`") {
			t.Errorf("ARCHITECTURE.md lacks the script %s", path)
		}
	}
}

var testName = regexp.MustCompile(`\bTest[A-Z]\w+`)

func TestDocumentedTestsExist(t *testing.T) {
	var all strings.Builder
	for path := range tree(t) {
		if strings.HasSuffix(path, "_test.go") {
			all.WriteString(text(t, path))
		}
	}
	for _, document := range documents {
		for _, name := range testName.FindAllString(readPage(t, document).prose, -1) {
			if !strings.Contains(all.String(), "func "+name+"(") {
				t.Errorf("%s names %s, which no test file has", document, name)
			}
		}
	}
}

// What the README calls the test command is what make and CI run.
func TestOneTestCommand(t *testing.T) {
	for _, file := range []string{"README.md", "README.zh-CN.md", "Makefile", ".ci/run"} {
		if !strings.Contains(text(t, file), testCommand) {
			t.Errorf("%s does not run %q", file, testCommand)
		}
	}
}
