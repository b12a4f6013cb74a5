package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"wxdispatch/internal/bulk"
	"wxdispatch/internal/message"
)

// loaded is what came of a load, as --json prints it.
type loaded struct {
	Batch       string `json:"batch"`
	Account     string `json:"account,omitempty"`
	DryRun      bool   `json:"dry_run,omitempty"`
	Rows        int    `json:"rows"`
	Taken       int    `json:"taken"`
	Duplicates  int    `json:"duplicates"`
	Refused     int    `json:"refused"`
	RefusedFile string `json:"refused_file,omitempty"`
}

// sum is the result: a table for people, a line for programs.
func (b *bulkFile) sum(done bulk.Progress, rejects *bulk.Refused) error {
	l := loaded{Batch: b.batch, Account: b.account, DryRun: b.dryRun, Rows: done.Rows, Taken: done.Taken, Duplicates: done.Duplicates, Refused: done.Refused}
	if done.Refused > 0 {
		l.RefusedFile = rejects.Path
	}
	if b.asJSON {
		return written(json.NewEncoder(b.stdout).Encode(l))
	}
	taken := "enqueued"
	if b.dryRun {
		taken = "would be enqueued"
	}
	out := newTable("batch", "rows", taken, "in already", "refused")
	out.AppendRow(table.Row{b.batch, grouped(done.Rows), grouped(done.Taken), grouped(done.Duplicates), grouped(done.Refused)})
	if err := printTable(b.stdout, out); err != nil {
		return err
	}
	if done.Refused > 0 {
		b.tell("rows that were refused, with the reasons, are in %s; mend them there and load that file", rejects.Path)
	}
	if b.dryRun {
		b.tell("nothing was enqueued (--dry-run)")
	}
	return nil
}

func (b *bulkFile) counts(done bulk.Progress, where string) string {
	taken := "enqueued"
	if b.dryRun {
		taken = "good"
	}
	return fmt.Sprintf("%s rows were dealt with, %s: %s %s, %s in already, %s refused",
		grouped(done.Rows), where, grouped(done.Taken), taken, grouped(done.Duplicates), grouped(done.Refused))
}

// grouped writes a number as 1,234,567.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// testWait is how long a test message is followed.
const testWait = time.Minute

// test sends the first row to somebody who looks at it, as a single message.
func (b *bulkFile) test(ctx context.Context, d *desk, reader *bulk.Reader, completion message.Completion) error {
	row, err := reader.Next()
	if err == io.EOF {
		return usage("%s has a header, but no row to send", b.file)
	}
	completion.Batch, completion.To = "", b.testTo
	var m *message.Message
	if err == nil {
		err = row.Err
	}
	if err == nil {
		m, err = completion.Decode(row.JSON)
	}
	if err != nil {
		b.tell("%s: line %d: %s", b.file, row.Line, strings.Join(words(err), "\n  "))
		return refused()
	}
	s := &send{program: b.program, wait: testWait, report: b.newReport(), progress: b.newProgress("messages ended")}
	result, err := d.take(ctx, m)
	s.held = []outcome{outcomeOf(fmt.Sprintf("%s:%d", b.file, row.Line), result, err)}
	err = s.awaitAll(ctx, d, nil)
	s.progress.close()
	if err := errors.Join(err, s.report.close()); err != nil {
		return err
	}
	return s.verdict()
}
