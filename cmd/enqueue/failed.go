package main

import (
	"context"
	"encoding/csv"
	"io"
	"strconv"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"wxdispatch/internal/message"
)

// failed is one run of the command.
type failed struct {
	*program
	filters *filterFlags
	csv     bool
	limit   int
}

func (p *program) failedCommand() *cobra.Command {
	f := &failed{program: p}
	cmd := &cobra.Command{
		Use:   "failed ACCOUNT",
		Short: "lists and exports messages that ended badly",
		Long: `failed lists the messages of an account that ended badly and those in doubt,
oldest first, with WeChat's code in words and what to do next: a table, whole
records with --json, or CSV. All bad ends of the last message.keep are there,
however many; they are written as they are read.`,
		Example: `  enqueue failed shop --since 24h
  enqueue failed shop --state refused --errcode 43116 --json > banned.ndjson
  enqueue failed shop --csv > failed.csv`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("found %s; write enqueue failed ACCOUNT", arguments(len(args)))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), args[0]) },
	}
	f.filters = addFilterFlags(cmd.Flags(), true)
	cmd.Flags().BoolVar(&f.csv, "csv", false, "CSV with a header instead of a table")
	cmd.Flags().IntVar(&f.limit, "limit", 0, "at most `N`; 0: all")
	return cmd
}

func (f *failed) run(ctx context.Context, account string) error {
	filter, err := f.filters.filter(time.Now())
	switch {
	case err != nil:
		return err
	case f.csv && f.asJSON:
		return usage("found --csv and --json; give one of the two")
	case f.limit < 0:
		return usage("--limit found %d; give a number, or 0 for all", f.limit)
	}
	d, err := f.openFor(ctx, account)
	if err != nil {
		return err
	}
	defer d.close()
	out, n := f.sheet(), 0
	for record, err := range d.Failed(ctx, account, filter) {
		if err != nil {
			_ = out.close()
			return d.away(ctx, err)
		}
		if f.limit > 0 && n == f.limit {
			f.tell("there are more than these %d; leave --limit out, or narrow with --since", n)
			break
		}
		n++
		if err := out.add(explained(record)); err != nil {
			return err
		}
	}
	if n == 0 {
		f.tell("account %s has no such bad end", account)
	}
	return out.close()
}

// sheet is where bad ends are written, one after another, without keeping
// them.
type sheet interface {
	add(*message.Record) error
	close() error
}

func (f *failed) sheet() sheet {
	switch {
	case f.asJSON:
		return jsonSheet{f.stdout}
	case f.csv:
		return newCSVSheet(f.stdout)
	}
	return newTableSheet(f.stdout)
}

// toldEnd is a whole record with what people ask next.
type toldEnd struct {
	*message.Record
	Meaning string `json:"meaning,omitempty"` // WeChat's code in words
	Next    string `json:"next,omitempty"`    // what to do
}

type jsonSheet struct{ w io.Writer }

func (s jsonSheet) add(r *message.Record) error {
	return written(newEncoder(s.w).Encode(toldEnd{r, meaning(r), advice(r)}))
}

func (jsonSheet) close() error { return nil }

type csvSheet struct{ w *csv.Writer }

func newCSVSheet(w io.Writer) csvSheet {
	s := csvSheet{csv.NewWriter(w)}
	_ = s.w.Write([]string{"id", "account", "kind", "state", "reason", "errcode", "meaning", "next", "openid",
		"template_id", "batch", "attempts", "msgid", "rid", "created_at", "sent_at", "updated_at"})
	return s
}

func (s csvSheet) add(r *message.Record) error {
	return written(s.w.Write([]string{r.ID, r.Account, string(r.Kind), string(r.State), r.Reason, strconv.Itoa(r.ErrCode),
		meaning(r), advice(r), r.OpenID, r.TemplateID, r.Batch, strconv.Itoa(r.Attempts), r.MsgID, r.RID,
		stamp(r.CreatedAt), stamp(r.SentAt), stamp(r.UpdatedAt)}))
}

func (s csvSheet) close() error {
	s.w.Flush()
	return written(s.w.Error())
}

// stamp is a time for machines; empty when there is none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

// rowsAtOnce is how many rows share their columns' widths, and wait to be
// written.
const rowsAtOnce = 500

type tableSheet struct {
	w    io.Writer
	rows table.Writer
}

func newTableSheet(w io.Writer) *tableSheet {
	return &tableSheet{w, newTable("ID", "KIND", "STATE", "REASON", "ERRCODE", "MEANING", "ENDED", "NEXT")}
}

func (s *tableSheet) add(r *message.Record) error {
	s.rows.AppendRow(table.Row{r.ID, r.Kind, r.State, orDash(r.Reason), code(r.ErrCode), orDash(meaning(r)), clock(r.UpdatedAt), advice(r)})
	if s.rows.Length() < rowsAtOnce {
		return nil
	}
	err := s.close()
	s.rows = newTable()
	return err
}

func (s *tableSheet) close() error {
	if s.rows.Length() == 0 {
		return nil
	}
	return printTable(s.w, s.rows)
}
