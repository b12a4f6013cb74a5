package main

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wxdispatch/internal/standing"
)

// watchEvery is how often a watched batch is looked at.
const watchEvery = time.Second

func (p *program) batchWatchCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "watch ACCOUNT NAME",
		Short: "follows a batch until it is done",
		Long: `watch shows a batch as show does, once a second, until it is done: on a terminal in
one place, else a line whenever something has changed, with --json an object.
Stopping it stops nothing else. It needs a worker to come to an end.`,
		Example: "  enqueue batch watch shop spring\n  enqueue batch watch shop spring --json",
		Args:    exactly(2, "enqueue batch watch ACCOUNT NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atBatch(cmd.Context(), args[0], args[1], func(d *desk) error { return p.batchWatch(cmd.Context(), d, args[0], args[1]) })
		},
	}
}

func (p *program) batchWatch(ctx context.Context, d *desk, account, name string) error {
	ticker, w := time.NewTicker(watchEvery), watch{program: p, began: time.Now()}
	defer ticker.Stop()
	for {
		b, err := showBatch(ctx, d, account, name)
		if ctx.Err() != nil {
			p.tell("watching ended; the batch goes on")
			return nil
		}
		if err != nil {
			return err
		}
		if err := w.show(b); err != nil || b.Done() {
			return err
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}

func showBatch(ctx context.Context, d *desk, account, name string) (standing.Batch, error) {
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return d.office.Batches.Show(patient, account, name)
}

// watch is one run of the command.
type watch struct {
	*program
	began time.Time
	first int             // queued at the beginning
	last  *standing.Batch // as it was shown last
	lines int             // of it on the terminal
}

func (w *watch) show(b standing.Batch) error {
	changed := w.last == nil || !reflect.DeepEqual(*w.last, b)
	if w.last == nil {
		w.first = b.Queued
	}
	w.last = &b
	switch {
	case isTerminal(w.stdout) && !w.asJSON:
		return w.redraw(b)
	case !changed:
		return nil
	case w.asJSON:
		return written(newEncoder(w.stdout).Encode(b))
	}
	_, err := fmt.Fprintf(w.stdout, "%s  %s: %d of %d ended, %d accepted, %d delivered, %d bad, %d queued\n", clock(time.Now()), b.State,
		b.Total-b.Queued, b.Total, b.Accepted, b.Delivered, bad(b), b.Queued)
	return written(err)
}

// redraw writes over what was shown before.
func (w *watch) redraw(b standing.Batch) error {
	text := batchWords(b) + w.left(b)
	if w.lines > 0 {
		text = fmt.Sprintf("\x1b[%dA\x1b[J", w.lines) + text
	}
	w.lines = strings.Count(text, "\n")
	_, err := fmt.Fprint(w.stdout, text)
	return written(err)
}

// left guesses from what was seen when the batch is done.
func (w *watch) left(b standing.Batch) string {
	gone, took := w.first-b.Queued, time.Since(w.began)
	if b.Queued == 0 || gone <= 0 || b.State != "running" || b.Loading {
		return ""
	}
	rest := time.Duration(float64(took) / float64(gone) * float64(b.Queued))
	return fmt.Sprintf("%-16s%s at %.1f a second\n", "about", span(rest), float64(gone)/took.Seconds())
}
