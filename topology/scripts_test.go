package topology_test

import (
	"bufio"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// overheard are the texts of the scripts that servers were given. Nobody gives a
// text but to have it run: all try its sum first.
type overheard struct {
	mu    sync.Mutex
	texts []string
}

// given finds the text in a line of MONITOR, quoted as the server writes it.
var given = regexp.MustCompile(`(?i) "(?:eval|script" "load)" ("(?:[^"\\]|\\.)*")`)

// overhear listens to servers until the test ends.
func overhear(t *testing.T, addrs []string) *overheard {
	o := &overheard{}
	for _, addr := range addrs {
		conn, err := net.Dial("tcp", addr)
		must(t, err)
		_, err = conn.Write([]byte("MONITOR\r\n"))
		must(t, err)
		lines := bufio.NewReader(conn)
		if answer, err := lines.ReadString('\n'); err != nil || !strings.HasPrefix(answer, "+OK") {
			t.Fatalf("MONITOR: %q, %v", answer, err)
		}
		ended := make(chan struct{})
		go func() { defer close(ended); o.listen(lines) }()
		t.Cleanup(func() { _ = conn.Close(); <-ended })
	}
	return o
}

func (o *overheard) listen(lines *bufio.Reader) {
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		if found := given.FindStringSubmatch(line); found != nil {
			text, err := strconv.Unquote(found[1])
			o.mu.Lock()
			o.texts = append(o.texts, text)
			if err != nil {
				o.texts = append(o.texts, "not understood: "+line)
			}
			o.mu.Unlock()
		}
	}
}

// allOf wants that servers were given each of the scripts.
func (o *overheard) allOf(t *testing.T, scripts map[string]string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := strings.Join(o.texts, "\x00")
	for name, text := range scripts {
		if !strings.Contains(all, text) {
			t.Errorf("%s was not run", name)
		}
	}
	t.Logf("%d scripts", len(scripts))
}

// literal is a script that stands in Go's text.
var literal = regexp.MustCompile("(?s)redis\\.NewScript\\(`(.*?)`")

// scriptsOfTheTree are all scripts that programs run, by where they stand.
func scriptsOfTheTree(t *testing.T) map[string]string {
	scripts := map[string]string{}
	must(t, filepath.WalkDir("../internal", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".lua") && !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if strings.HasSuffix(path, ".lua") {
			scripts[path] = string(text)
			return err
		}
		for i, found := range literal.FindAllSubmatch(text, -1) {
			scripts[fmt.Sprintf("%s, script %d", path, i+1)] = string(found[1])
		}
		return err
	}))
	return scripts
}
