package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
)

var mixed = []Result{
	{Name: "configuration", Level: OK, Words: "no mistakes"},
	{Name: "token", Account: "shop", Level: Warn, Words: "not\nchecked\x1b[31m", Do: "run it <again>"},
}

func TestPrintForPeople(t *testing.T) {
	var out bytes.Buffer
	ok, err := Print(&out, slices.Values(mixed), false)
	if !ok || err != nil {
		t.Fatalf("ok %v, %v: warnings are OK", ok, err)
	}
	want := "ok    configuration       no mistakes\n" +
		"warn  shop token          not checked [31m → run it <again>\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

func TestPrintJSON(t *testing.T) {
	var out bytes.Buffer
	results := append(slices.Clone(mixed), Result{Name: "redis eviction", Level: Fail, Words: "allkeys-lru"})
	if ok, err := Print(&out, slices.Values(results), true); ok || err != nil {
		t.Fatalf("ok %v, %v: a failure is not OK", ok, err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != len(results) {
		t.Fatalf("%d lines for %d results", len(lines), len(results))
	}
	var second map[string]any
	if err := json.Unmarshal([]byte(lines[1]), &second); err != nil {
		t.Fatal(err)
	}
	if second["check"] != "token" || second["account"] != "shop" || second["ok"] != true || second["level"] != "warn" || second["do"] != "run it <again>" {
		t.Errorf("%v", second)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestPrintStopsWhenNobodyReads(t *testing.T) {
	asked := 0
	results := func(yield func(Result) bool) {
		for _, r := range mixed {
			asked++
			if !yield(r) {
				return
			}
		}
	}
	if ok, err := Print(brokenPipe{}, results, false); ok || err == nil || asked != 1 {
		t.Errorf("ok %v, %v after %d results", ok, err, asked)
	}
}
