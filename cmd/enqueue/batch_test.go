package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wxdispatch/internal/message"
)

func ofBatch(id string) string {
	return strings.Replace(order(id, "x"), `"kind"`, `"batch":"spring","kind"`, 1)
}

// TestABatchFromItsFirstMessageToItsFiles: what commands tell of one.
func TestABatchFromItsFirstMessageToItsFiles(t *testing.T) {
	eachPlant(t, func(p *plant) {
		t := p.t
		p.run(ofBatch("a")+"\n"+ofBatch("b")+"\n"+ofBatch("c")+"\n"+order("single", "x"), "send").exits(exitOK)
		m := p.decode(ofBatch("a"))
		p.settle(m, p.begin(m), message.Outcome{State: message.Accepted}, message.Answer{})
		m = p.decode(ofBatch("b"))
		p.settle(m, p.begin(m), message.Outcome{State: message.Refused, Reason: "recipient"}, message.Answer{Class: "recipient", Code: 43004, Message: "=cmd()"})

		list := p.run("", "batch", "list", "shop", "--json").exits(exitOK).lines()
		if len(list) != 1 || list[0]["name"] != "spring" || list[0]["accepted"] != 1.0 || list[0]["ended"].(map[string]any)["refused"] != 1.0 || list[0]["state"] != "running" {
			t.Errorf("list tells %v", list)
		}
		if got := p.run("", "batch", "show", "shop", "spring").exits(exitOK); !strings.Contains(got.out, "refused         1") || !strings.Contains(got.out, "running") {
			t.Errorf("show:\n%s", got.out)
		}
		p.run("", "batch", "pause", "shop", "spring").exits(exitOK).says("is paused")
		if got := p.run("", "batch", "list", "shop").exits(exitOK); !strings.Contains(got.out, "paused") {
			t.Errorf("list:\n%s", got.out)
		}
		p.run("", "batch", "resume", "shop", "spring").exits(exitOK).says("is running")

		dir := t.TempDir()
		p.run("", "batch", "export", "shop", "spring", "--dir", dir).exits(exitOK).says("under way")
		for file, id := range map[string]string{"succeeded": "a", "failed": "b", "not_sent": "c"} {
			text, err := os.ReadFile(filepath.Join(dir, "spring."+file+".csv"))
			if err != nil {
				t.Fatal(err)
			}
			plain, marked := strings.CutPrefix(string(text), "\xef\xbb\xbf")
			rows, err := csv.NewReader(strings.NewReader(plain)).ReadAll()
			if err != nil || !marked || len(rows) != 2 || rows[1][0] != id {
				t.Errorf("%s holds %q, %v", file, text, err)
			}
			if file == "failed" && (rows[1][5] != "recipient" || rows[1][7] != "'=cmd()") {
				t.Errorf("the bad end is told as %q", rows[1])
			}
		}
		p.run("", "batch", "export", "shop", "spring", "--dir", dir).exits(exitUsage).says("is there already")
		p.run("", "batch", "export", "shop", "spring", "--dir", dir, "--json").exits(exitOK)

		p.run("", "batch", "cancel", "shop", "spring").exits(exitUsage).says("add --yes")
		p.run("", "batch", "cancel", "shop", "spring", "--yes").exits(exitOK).says("is cancelled")
		p.stands("c", message.Cancelled)
		p.run("", "status", "shop", "single").exits(exitOK).says("")
		p.run("", "batch", "resume", "shop", "spring").exits(exitUsage).says("for good")
		p.run(ofBatch("d"), "send").exits(exitRefused).says("was cancelled")
	})
}

func TestMistakesAtABatch(t *testing.T) {
	s := miniShell(t)
	s.run("", "batch").exits(exitUsage).says("is missing")
	s.run("", "batch", "stop").exits(exitUsage).says(`found batch "stop"`)
	s.run("", "batch", "show", "shop").exits(exitUsage).says("enqueue batch show ACCOUNT NAME")
	s.run("", "batch", "show", "shop", "a b").exits(exitUsage).says("a batch's name is")
	s.run("", "batch", "show", "shop", "none").exits(exitUsage).says("has no batch none")
	s.run("", "batch", "list", "shop").exits(exitOK).says("has no batch")
	s.run("", "batch", "list", "none").exits(exitUsage).says("no account none is known")
}
