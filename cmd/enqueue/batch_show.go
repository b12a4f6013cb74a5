package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"wxdispatch/internal/message"
	"wxdispatch/internal/standing"
)

func (p *program) batchListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list ACCOUNT",
		Short: "shows an account's batches",
		Long: `list shows the batches of an account, the oldest first: those that run, and those
that were done within message.keep. With --json each is one object.

ACCEPTED counts those that WeChat took and has told nothing more of; once it has,
they are DELIVERED, or among the BAD ends.`,
		Example: "  enqueue batch list shop\n  enqueue batch list shop --json",
		Args:    exactly(1, "enqueue batch list ACCOUNT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.onAccount(cmd.Context(), args[0], func(ctx context.Context, d *desk) error {
				all, err := d.office.Batches.List(ctx, args[0])
				if err != nil {
					return err
				}
				if len(all) == 0 {
					p.tell("account %s has no batch: none was brought, or all were done longer ago than message.keep", args[0])
				}
				return p.printBatches(all)
			})
		},
	}
}

func (p *program) printBatches(all []standing.Batch) error {
	lines := newEncoder(p.stdout)
	t := newTable("BATCH", "KINDS", "STATE", "TOTAL", "QUEUED", "ACCEPTED", "DELIVERED", "BAD", "NO PERMIT", "BEGAN", "DONE")
	for _, b := range all {
		if p.asJSON {
			if err := written(lines.Encode(b)); err != nil {
				return err
			}
			continue
		}
		t.AppendRow(table.Row{b.Name, kindWords(b.Kinds), b.State, b.Total, b.Queued, b.Accepted, b.Delivered, bad(b), b.PermitsMissing,
			clock(b.CreatedAt), clock(b.DoneAt)})
	}
	if p.asJSON || len(all) == 0 {
		return nil
	}
	return printTable(p.stdout, t)
}

func kindWords(kinds []message.Kind) string {
	words := make([]string, len(kinds))
	for i, kind := range kinds {
		words[i] = string(kind)
	}
	return strings.Join(words, ",")
}

// bad counts the bad ends of a batch.
func bad(b standing.Batch) (n int) {
	for state, of := range b.Ended {
		if state.Bad() {
			n += of
		}
	}
	return n
}

func (p *program) batchShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show ACCOUNT NAME",
		Short: "shows how a batch stands",
		Long: `show tells of a batch how many messages it has, how many are still under way, and
how the others ended, bad ends by their state: enqueue failed ACCOUNT --batch NAME
lists those with WeChat's reasons. A message that was cancelled by its id, or that
a dead worker had taken, counts as queued, too, until its task is gone.`,
		Example: "  enqueue batch show shop spring\n  enqueue batch show shop spring --json",
		Args:    exactly(2, "enqueue batch show ACCOUNT NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atBatch(cmd.Context(), args[0], args[1], func(d *desk) error {
				patient, cancel := context.WithTimeout(cmd.Context(), patience)
				defer cancel()
				b, err := d.office.Batches.Show(patient, args[0], args[1])
				if err != nil {
					return err
				}
				return p.printBatch(b)
			})
		},
	}
}

func (p *program) printBatch(b standing.Batch) error {
	if p.asJSON {
		return written(newEncoder(p.stdout).Encode(b))
	}
	_, err := io.WriteString(p.stdout, batchWords(b))
	return written(err)
}

// batchWords is a batch for people, a line a fact.
func batchWords(b standing.Batch) string {
	var text strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&text, "%-16s%s\n", name, fmt.Sprintf(format, args...))
	}
	line("batch", "%s of %s (%s)", b.Name, b.Account, kindWords(b.Kinds))
	line("state", "%s", b.State)
	if b.Loading {
		line("loading", "%d rows so far, %d refused", b.Rows, b.RowsRefused)
	} else if b.Rows > 0 {
		line("rows", "%d, %d refused", b.Rows, b.RowsRefused)
	}
	if b.Rate > 0 {
		line("rate", "%g a second at most", b.Rate)
	}
	if b.IgnoreQuiet {
		line("quiet hours", "do not hold it")
	}
	line("total", "%d", b.Total)
	line("queued", "%d%s", b.Queued, share(b.Queued, b.Total))
	for _, state := range message.States() {
		n := b.Ended[state]
		if n == 0 && state != message.Accepted && state != message.Delivered {
			continue
		}
		name := string(state)
		if state == message.Unpermitted {
			name = "permits missing"
		}
		line(name, "%d%s", n, share(n, b.Total))
	}
	line("began", "%s", clock(b.CreatedAt))
	line("done", "%s", clock(b.DoneAt))
	return text.String()
}

func share(n, of int) string {
	if n == 0 || of == 0 {
		return ""
	}
	return fmt.Sprintf(" (%.1f %%)", float64(n)*100/float64(of))
}
