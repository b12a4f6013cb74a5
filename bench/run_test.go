package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"wxdispatch/internal/message"
)

// wants skips a test where the program has not what it needs.
func wants(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("processor times and memory come from Linux's /proc")
	}
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("WXDISPATCH_TEST_REQUIRE_REDIS") != "" {
			t.Fatal("redis-server is not on the PATH, and WXDISPATCH_TEST_REQUIRE_REDIS asks for it: apt-get install redis-server")
		}
		t.Skip("redis-server is not on the PATH")
	}
}

// The figures of so few messages mean nothing: looked at is that all are there.
func TestTheTableAndTheJSONAreWhole(t *testing.T) {
	wants(t)
	file := filepath.Join(t.TempDir(), "bench.json")
	var table, words bytes.Buffer
	if code := run(t.Context(), []string{"--quick", "--messages", "60", "--depth", "200", "--each", "300ms", "--singles", "3",
		"--accounts", "2", "--redis-latency", "100us", "--json", file}, &table, &words); code != exitOK {
		t.Fatalf("exit %d\n%s", code, &words)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var r report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	rows := map[string]row{}
	for _, row := range r.Rows {
		rows[row.ID] = row
		if row.Ours == nil || (row.Goal == "") != (row.Verdict == "") {
			t.Errorf("%s has no figure, or a goal without a verdict: %+v", row.ID, row)
		}
		if !strings.Contains(table.String(), row.Name) {
			t.Errorf("the table lacks %q", row.Name)
		}
	}
	for _, id := range []string{"template.rate", "template.cpu.worker", "template.sent", "template.commands", "template.in", "template.out",
		"template.queued", "template.finished", "template.enqueue", "template.rss", "wxopen.rate", "latency.idle.p99", "latency.polls",
		"latency.at10.p50", "latency.at50.p99", "latency.at90.p99", "depth.many", "scale.two"} {
		if row := rows[id]; row.Ours == nil || *row.Ours <= 0 {
			t.Errorf("%s is not there, or nothing: %+v", id, row)
		}
	}
	if strings.Contains(string(text)+words.String(), "access_token") {
		t.Error("a token shows")
	}
}

func TestNothingIsLeftOfARunThatIsInterrupted(t *testing.T) {
	wants(t)
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	ctx, cancel := context.WithCancel(t.Context())
	words := &cue{word: "round 1 of 1", then: cancel}
	if code := run(ctx, []string{"--quick", "--only", "drain"}, io.Discard, words); code != exitFault {
		t.Errorf("exit %d, want %d", code, exitFault)
	}
	if !strings.Contains(words.String(), "interrupted") {
		t.Errorf("it does not say that it was interrupted:\n%s", words)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// cue does something once a word was written.
type cue struct {
	bytes.Buffer
	word string
	then func()
}

func (c *cue) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(c.word)) {
		c.then()
	}
	return c.Buffer.Write(p)
}

func TestMistakesInArguments(t *testing.T) {
	for args, word := range map[string]string{
		"--rounds 0":          "--rounds is 0",
		"--only drain,speed":  "speed",
		"--redis-latency -1s": "--redis-latency",
		"--each 0s":           "--each",
		"now":                 "now",
		"--fast":              "--fast",
	} {
		var words bytes.Buffer
		if code := run(t.Context(), strings.Fields(args), io.Discard, &words); code != exitUsage || !strings.Contains(words.String(), word) {
			t.Errorf("%s: exit %d, %s", args, code, &words)
		}
	}
}

// What both sides send must be what wxdispatch takes, and each row's own.
func TestRowsAreMessages(t *testing.T) {
	for _, kind := range []message.Kind{message.Template, message.WXOpen} {
		l := load{kind: kind, n: 4, accounts: 2}
		for i := range l.n {
			m, err := message.Decode(l.row(i))
			if err != nil {
				t.Fatalf("%s %d: %v", kind, i, err)
			}
			if m.Body.Recipient() != openid(i) || m.Account != l.account(i).Name {
				t.Errorf("%s %d goes to %s of %s", kind, i, m.Body.Recipient(), m.Account)
			}
		}
	}
}
