package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"wxdispatch/internal/redistest"
)

func bulkRows(from, to int) string {
	var rows strings.Builder
	for n := from; n < to; n++ {
		fmt.Fprintf(&rows, "{\"touser\":\"o%d\",\"data\":{\"keyword1\":{\"value\":\"%d\"}}}\n", n, n)
	}
	return rows.String()
}

// TestBulkKilledAndStartedAgain: kill -9 in the middle, then the same again:
// each row is in the queue once.
func TestBulkKilledAndStartedAgain(t *testing.T) {
	addr := redistest.Server(t)
	client := redistest.Client(t, addr)
	p := newShell(t, addr)
	const pending = "asynq:{shop.template.spring}:pending"
	first, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), first)
	cmd.Env = append(append(os.Environ(), p.environ...), asProcess+"=bulk - --batch spring --account shop --kind template --template T")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Write([]byte(bulkRows(0, 3000))); err != nil { // and it waits for more
		t.Fatal(err)
	}
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for client.LLen(t.Context(), pending).Val() == 0 {
		select {
		case <-again.C:
		case <-t.Context().Done():
			t.Fatal("nothing came in")
		}
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	_ = in.Close()
	before := client.LLen(t.Context(), pending).Val()
	if before == 6000 {
		t.Fatal("it was killed too late")
	}
	file := write(t, "spring.ndjson", bulkRows(0, 6000))
	p.run("", "bulk", file, "--account", "shop", "--kind", "template", "--template", "T", "--json").exits(exitOK).
		shows(fmt.Sprintf(`"rows":6000,"taken":%d,"duplicates":%d,"refused":0`, 6000-before, before))
	distinct := map[string]bool{}
	for _, id := range client.LRange(t.Context(), pending, 0, -1).Val() {
		distinct[id] = true
	}
	if n := client.LLen(t.Context(), pending).Val(); n != 6000 || len(distinct) != 6000 {
		t.Errorf("%d tasks wait, %d of them distinct; want 6000", n, len(distinct))
	}
}

func TestBulkFromASpreadsheet(t *testing.T) {
	text, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte("用户,金额,备注\r\noA,\"12,00元\",x\r\no B,3元,\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	p, file := miniShell(t), write(t, "五月.csv", string(text))
	flags := []string{"bulk", file, "--batch", "may", "--account", "mini", "--kind", "subscribe", "--template", "T",
		"--map", "用户=touser", "--map", "金额=data.amount2", "--map", "备注=-"}
	p.run("", append(flags, "--dry-run")...).exits(exitRefused).shows("WOULD BE ENQUEUED").says("nothing was enqueued")
	p.run("", append(flags, "--json")...).exits(exitRefused).shows(`"rows":2,"taken":1,"duplicates":0,"refused":1`).says("")
	refused, err := os.ReadFile(file + ".refused.csv")
	if err != nil || !bytes.Contains(refused, []byte(`3,"body.touser: found ""o B""`)) || !bytes.Contains(refused, []byte("o B,3元,")) {
		t.Errorf("the refused row is told as %s, %v", refused, err)
	}
	mended := write(t, "五月.csv.refused.csv", strings.ReplaceAll(string(refused), "o B", "oB"))
	flags[1] = mended
	p.run("", append(flags, "--json")...).exits(exitOK).shows(`"rows":1,"taken":1`)
}

func TestBulkThatCannotBe(t *testing.T) {
	p := miniShell(t)
	file := write(t, "a.csv", "openid,keyword1,spam\noA,x,y\n")
	for words, args := range map[string]string{
		"found 0 arguments; give one FILE":              "",
		"the batch has no name; give --batch":           "- --kind template",
		`found --map "x"; it is COLUMN=PATH`:            file + " --map x",
		`found --kind "x"; allowed are`:                 file + " --kind x",
		"column spam: is not known; known for kind":     file + " --kind template --account shop",
		"the rows of a CSV file are of one kind":        file + " --account shop",
		"no account nobody is known":                    file + " --kind template --account nobody",
		"nothing was done":                              "missing.csv",
		`found --batch "a/b"`:                           file + " --batch a/b",
		"found 0.1; allowed are 0.2 to 5000 messages":   write(t, "b.csv", "openid,keyword1\noA,x\n") + " --kind template --account shop --template T --rate 0.1",
		"separate columns with commas":                  write(t, "c.csv", "openid;keyword1\n") + " --kind template --account shop",
		"the file is NDJSON, whose rows name their own": write(t, "d.csv", "{}\n") + " --account shop --map a=url",
	} {
		p.run("", append([]string{"bulk"}, strings.Fields(args)...)...).exits(exitUsage).says(words)
	}
}
