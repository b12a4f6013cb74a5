package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"wxdispatch/internal/bulk"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/message"
)

// garbage is how much of what is kept may be garbage while a file is loaded, in
// per cent.
const garbage = 150

// bulkFile is one run of enqueue bulk.
type bulkFile struct {
	*program
	file                           string
	batch, account, kind, template string
	maps                           []string
	dryRun, ignoreQuiet            bool
	rate                           float64
	testTo                         string
}

func (p *program) bulkCommand() *cobra.Command {
	b := &bulkFile{program: p}
	cmd := &cobra.Command{
		Use:   "bulk FILE",
		Short: "loads a file of many messages as a batch",
		Long: `bulk loads a file of many messages as a batch: NDJSON (a whole message a line,
or WeChat's own body) or CSV with a header row, in UTF-8 or GB18030, also
packed with gzip. - is standard input.

Columns are named as the message's fields: touser (or openid), template_id,
form_id, url, page, miniprogram.appid, id, send_at … and data.NAME for what fills
the template; keyword1, thing2, first and the like need no data. in front.
--map says where other columns go. Times without a zone are China's.

A row that cannot be taken stops no other: it goes to FILE.refused.csv with its
line and the reason, where it can be mended and loaded again; exit 3 then. Each
row has the same id whenever the file is loaded (its own, or one made of the
batch and what the row says), so a load that was cut off is simply started
again: what is in already stays as it is, and a row that stands twice goes once.`,
		Example: `  enqueue bulk spring.csv --account shop --kind template --template ID --dry-run
  enqueue bulk spring.csv --account shop --kind template --template ID
  enqueue bulk orders.csv.gz --account mini --kind subscribe --template ID \
      --map 用户=touser --map 金额=data.amount2 --map 备注=-
  enqueue bulk messages.ndjson --batch spring --rate 20
  enqueue bulk spring.csv --account shop --kind template --test-to OPENID`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("found %s; give one FILE, or - for standard input; see enqueue bulk --help", arguments(len(args)))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, files []string) error {
			b.file = files[0]
			return b.run(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&b.batch, "batch", "", "the batch's `NAME` (else the file's, without its endings)")
	flags.StringVar(&b.account, "account", "", "the account's `NAME`, where the rows say none")
	flags.StringVar(&b.kind, "kind", "", "the `KIND` of the messages, where the rows say none")
	flags.StringVar(&b.template, "template", "", "the template's `ID`, where the rows say none")
	flags.StringArrayVar(&b.maps, "map", nil, "`COLUMN=PATH`, as 姓名=data.keyword1, or COLUMN=- to pass it over; repeat it for each")
	flags.BoolVar(&b.dryRun, "dry-run", false, "check every row, also against permits and suppressions; enqueue nothing")
	flags.Float64Var(&b.rate, "rate", 0, "at most so many messages a second of this batch (`N`, 0.2 to 5000)")
	flags.StringVar(&b.testTo, "test-to", "", "send the first row to this `OPENID`, wait for its end, and stop")
	flags.BoolVar(&b.ignoreQuiet, "ignore-quiet-hours", false, "send in the account's quiet hours, too")
	return cmd
}

func (b *bulkFile) run(ctx context.Context) error {
	layout, err := b.layout()
	if err != nil {
		return err
	}
	if err := checkFiles([]string{b.file}); err != nil {
		return err
	}
	d, err := b.openDesk(ctx)
	if err != nil {
		return err
	}
	defer d.close()
	file, size, err := b.input(ctx)
	if err != nil {
		return err
	}
	defer file.Close()
	reader, err := bulk.Open(file, layout)
	switch {
	case fault.Is(err, fault.Invalid):
		return &ending{exitUsage, errors.New(b.file + ": " + strings.Join(words(err), "\n  "))}
	case err != nil:
		return ours("%s: %w", b.file, err)
	case b.testTo != "":
		return b.test(ctx, d, reader, layout.Completion)
	}
	return b.load(ctx, d, reader, layout.Completion, size)
}

// layout is what the flags say of the rows.
func (b *bulkFile) layout() (bulk.Layout, error) {
	layout := bulk.Layout{Map: map[string]string{}}
	for _, text := range b.maps {
		at := strings.LastIndexByte(text, '=')
		if at < 1 || at == len(text)-1 {
			return layout, usage("found --map %q; it is COLUMN=PATH, as 姓名=data.keyword1, or COLUMN=- to pass a column over", text)
		}
		if _, twice := layout.Map[text[:at]]; twice {
			return layout, usage("--map names the column %s twice; keep one", text[:at])
		}
		layout.Map[text[:at]] = text[at+1:]
	}
	kind := message.Kind(b.kind)
	if b.kind != "" && !kind.Valid() {
		return layout, usage("found --kind %q; allowed are %s", b.kind, kindList(message.Kinds()))
	}
	if b.account != "" && !message.ValidAccount(b.account) {
		return layout, usage("found --account %q; allowed are 1 to 32 lower-case letters, digits and -", b.account)
	}
	if err := b.named(); err != nil {
		return layout, err
	}
	layout.Completion = message.Completion{Account: b.account, Kind: kind, Template: b.template, Batch: b.batch}
	return layout, nil
}

// named makes sure that the batch has a name.
func (b *bulkFile) named() error {
	if b.batch == "" && b.file != standardInput {
		b.batch = bulk.BatchName(b.file)
	}
	switch {
	case b.batch == "":
		return usage("the batch has no name; give --batch NAME")
	case !message.ValidID(b.batch):
		return usage("found --batch %q; allowed are 1 to 64 of A-Za-z0-9_.:-", b.batch)
	}
	return nil
}

func (b *bulkFile) openDesk(ctx context.Context) (*desk, error) {
	if b.account == "" {
		return b.open(ctx)
	}
	return b.openFor(ctx, b.account)
}

// input opens the file; its size is 0 when it is not known.
func (b *bulkFile) input(ctx context.Context) (io.ReadCloser, int64, error) {
	if b.file == standardInput {
		if isTerminal(b.stdin) {
			b.tell("reading rows from standard input; end with Ctrl-D")
		}
		return io.NopCloser(newInterruptible(ctx, b.stdin)), 0, nil
	}
	file, err := os.Open(b.file)
	if err != nil {
		return nil, 0, usage("%w; nothing was done", err)
	}
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return file, 0, nil
	}
	return file, info.Size(), nil
}

// refusedPath is where refused rows go.
func (b *bulkFile) refusedPath() string {
	if b.file == standardInput {
		return b.batch + ".refused.csv"
	}
	folder, name := filepath.Split(b.file)
	if short, again := strings.CutSuffix(name, ".refused.csv"); again {
		name = short + ".refused-again.csv"
		return folder + name
	}
	return b.file + ".refused.csv"
}

func (b *bulkFile) load(ctx context.Context, d *desk, reader *bulk.Reader, completion message.Completion, size int64) error {
	// Rows come and go by the thousand: collecting them less often is worth a few
	// megabytes.
	defer debug.SetGCPercent(debug.SetGCPercent(garbage))
	progress := b.newLoading(size)
	l := &bulk.Load{Taker: d.taker(), Batches: d.office.Batches, Completion: completion, Told: progress.show,
		Options: intake.BatchOptions{Rate: b.rate, IgnoreQuiet: b.ignoreQuiet}}
	if b.dryRun {
		rehearsal := &intake.Rehearsal{Intake: &d.office.Intake, Stocks: d.office.Book}
		l.Check = rehearsal.Check
	}
	rejects := &bulk.Refused{Path: b.refusedPath(), Header: reader.Header()}
	done, err := l.Run(ctx, reader, rejects)
	progress.close()
	if !b.dryRun && b.account != "" && done.Taken > 0 {
		b.noted(ctx, d, b.account, "batch", "*", fmt.Sprintf("batch %s: %d messages taken", b.batch, done.Taken))
	}
	if err = errors.Join(err, rejects.Close()); err != nil {
		return b.stopped(ctx, d, done, err)
	}
	if err := b.sum(done, rejects); err != nil {
		return err
	}
	if done.Refused > 0 {
		return refused()
	}
	return nil
}

// stopped says how far a load came that was cut short, and how it goes on.
func (b *bulkFile) stopped(ctx context.Context, d *desk, done bulk.Progress, err error) error {
	again := "start the same command again: it goes on, and what is in already stays as it is"
	if done.Refused > 0 {
		again += "; rows that were refused are in " + b.refusedPath()
	}
	switch {
	case ctx.Err() != nil:
		err = errors.New("interrupted")
	case fault.Is(err, fault.Unavailable):
		err = d.away(ctx, err)
	case fault.Is(err, fault.Conflict), fault.Is(err, fault.Invalid), fault.Is(err, fault.NotFound):
		return err
	}
	return ours("%w\n  %s\n  %s", err, b.counts(done, "up to line "+grouped(done.Line)), again)
}
