package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"wxdispatch/internal/message"
)

func (p *program) batchExportCommand() *cobra.Command {
	dir, force := "", false
	cmd := &cobra.Command{
		Use:   "export ACCOUNT NAME",
		Short: "writes what became of a batch into three files",
		Long: `export writes three files: NAME.succeeded.csv, what WeChat took (accepted,
delivered); NAME.failed.csv, what was sent and ended badly or may have arrived
(refused, failed, undelivered, in_doubt), with the reason, WeChat's code in words
and what to do next; NAME.not_sent.csv, what WeChat was never asked for: what still
waits, was cancelled, expired, had no permit or was not wanted, with the reason.

The files are CSV in UTF-8 with a byte order mark, which Excel opens as it is, also
where its own character set is GBK; text that Excel would take for a formula stands
behind an apostrophe. With --json they are NDJSON of whole records (.ndjson).

Of a batch that still runs it is no picture of one moment: export it again once it
is done. A file that is there is not written over without --force. Memory stays
flat, however large the batch; it reads all that the account took since the batch
began.`,
		Example: "  enqueue batch export shop spring\n  enqueue batch export shop spring --dir reports --force\n  enqueue batch export shop spring --json",
		Args:    exactly(2, "enqueue batch export ACCOUNT NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atBatch(cmd.Context(), args[0], args[1], func(d *desk) error {
				return p.batchExport(cmd.Context(), d, args[0], args[1], dir, force)
			})
		},
	}
	cmd.Flags().StringVar(&dir, "dir", ".", "the `DIRECTORY` to write into")
	cmd.Flags().BoolVar(&force, "force", false, "write over files that are there")
	return cmd
}

func (p *program) batchExport(ctx context.Context, d *desk, account, name, dir string, force bool) (err error) {
	b, err := showBatch(ctx, d, account, name)
	if err != nil {
		return err
	}
	out, err := p.newExport(dir, name, force)
	if err != nil {
		return err
	}
	progress := p.newCount("messages exported", b.Total)
	for record, failed := range d.office.Batches.Export(ctx, account, name) {
		if err = failed; err == nil && ctx.Err() != nil {
			err = ours("interrupted; the files are not whole")
		}
		if err == nil {
			err = out.add(record)
		}
		if err != nil {
			break
		}
		progress.step()
	}
	progress.close()
	if err = errors.Join(err, out.close()); err != nil {
		return err
	}
	if b.Queued > 0 {
		p.tell("%d messages are still under way; export the batch again once it is done", b.Queued)
	}
	return out.sum()
}

// The three files of an export.
const (
	fileSucceeded = iota
	fileFailed
	fileNotSent
)

var fileNames = [...]string{"succeeded", "failed", "not_sent"}

// fileOf is the file that a message of this state belongs to.
func fileOf(state message.State) int {
	switch state {
	case message.Accepted, message.Delivered:
		return fileSucceeded
	case message.Refused, message.Failed, message.Undelivered, message.InDoubt:
		return fileFailed
	}
	return fileNotSent
}

// export is the files that are being written.
type export struct {
	*program
	paths  [len(fileNames)]string
	files  [len(fileNames)]*os.File
	sheets [len(fileNames)]sheet
	counts [len(fileNames)]int
}

func (p *program) newExport(dir, name string, force bool) (*export, error) {
	e, ending := &export{program: p}, ".csv"
	if p.asJSON {
		ending = ".ndjson"
	}
	how := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if !force {
		how |= os.O_EXCL
	}
	for i, of := range fileNames {
		// A name may have a colon, which not every file system takes.
		e.paths[i] = filepath.Join(dir, strings.ReplaceAll(name, ":", "_")+"."+of+ending)
		file, err := os.OpenFile(e.paths[i], how, 0o600) // openids are people's
		if err != nil {
			_ = e.closeFiles()
			if errors.Is(err, os.ErrExist) {
				return nil, usage("%s is there already; write over it with --force, or give another --dir", e.paths[i])
			}
			return nil, ours("the file cannot be written: %w", err)
		}
		e.files[i] = file
		if e.sheets[i], err = p.exportSheet(file); err != nil {
			_ = e.closeFiles()
			return nil, err
		}
	}
	return e, nil
}

func (e *export) add(r *message.Record) error {
	i := fileOf(r.State)
	e.counts[i]++
	return e.sheets[i].add(explained(r))
}

func (e *export) close() error {
	var errs []error
	for _, s := range e.sheets {
		errs = append(errs, s.close())
	}
	return errors.Join(append(errs, e.closeFiles())...)
}

func (e *export) closeFiles() error {
	var errs []error
	for _, file := range e.files {
		if file != nil {
			errs = append(errs, written(file.Close()))
		}
	}
	return errors.Join(errs...)
}

// exported is a file as --json tells it.
type exported struct {
	File     string `json:"file"`
	Messages int    `json:"messages"`
}

// sum tells the files and how many messages each has.
func (e *export) sum() error {
	lines := newEncoder(e.stdout)
	for i, path := range e.paths {
		if e.asJSON {
			if err := written(lines.Encode(exported{path, e.counts[i]})); err != nil {
				return err
			}
			continue
		}
		if _, err := fmt.Fprintf(e.stdout, "%s: %d messages\n", path, e.counts[i]); err != nil {
			return written(err)
		}
	}
	return nil
}

func (p *program) exportSheet(w io.Writer) (sheet, error) {
	if p.asJSON {
		return jsonSheet{w}, nil
	}
	if _, err := io.WriteString(w, "\xef\xbb\xbf"); err != nil { // by which Excel knows UTF-8
		return nil, written(err)
	}
	s := batchSheet{csv.NewWriter(w)}
	return s, written(s.w.Write([]string{"id", "openid", "kind", "template_id", "state", "reason", "errcode", "errmsg", "meaning", "next",
		"attempts", "msgid", "created_at", "sent_at", "updated_at"}))
}

type batchSheet struct{ w *csv.Writer }

func (s batchSheet) add(r *message.Record) error {
	next := ""
	if r.State.Bad() {
		next = advice(r)
	}
	return written(s.w.Write([]string{cell(r.ID), cell(r.OpenID), string(r.Kind), cell(r.TemplateID), string(r.State), cell(r.Reason),
		strconv.Itoa(r.ErrCode), cell(r.ErrMsg), cell(meaning(r)), next, strconv.Itoa(r.Attempts), r.MsgID,
		stamp(r.CreatedAt), stamp(r.SentAt), stamp(r.UpdatedAt)}))
}

func (s batchSheet) close() error {
	s.w.Flush()
	return written(s.w.Error())
}

// cell keeps a spreadsheet from taking text for a formula.
func cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
