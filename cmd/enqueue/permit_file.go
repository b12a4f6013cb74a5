package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
)

const (
	// rowsInTrip is how many rows go to Redis at once: enough to hide the way,
	// few enough that a busy Redis answers them in time.
	rowsInTrip = 200
	// tripPatience is how long they may take: a long run is not to end because
	// Redis was busy with something else for some seconds.
	tripPatience = 30 * time.Second
)

// permitFile is one run of permit add --file.
type permitFile struct {
	*program
	desk     *desk
	account  string
	lines    *json.Encoder
	progress *progress

	rows                  []permitRow // read, not handed over yet
	last                  string      // the place of the last row that was dealt with
	added, known, refused int
	unnamed               int // consents without a code, which count again when they are repeated
}

// permitRow is a row as it was read; err is why it is no permit.
type permitRow struct {
	source string
	grant  permit.Grant
	err    error
}

func (p *program) permitAddFile(ctx context.Context, account, file string) error {
	if err := checkFiles([]string{file}); err != nil {
		return err
	}
	d, err := p.openFor(ctx, account)
	if err != nil {
		return err
	}
	defer d.close()
	if file == standardInput && isTerminal(p.stdin) {
		p.tell("reading permits from standard input; end with Ctrl-D")
	}
	f := &permitFile{program: p, desk: d, account: account, lines: newEncoder(p.stdout),
		progress: p.newCount("permits dealt with", objectLines(file)), rows: make([]permitRow, 0, rowsInTrip)}
	err = f.addAll(ctx, file)
	f.progress.close()
	if f.added > 0 {
		p.noted(ctx, d, account, "permit_add", "*", fmt.Sprintf("%d permits of a file", f.added))
	}
	if err != nil {
		return err
	}
	if err := f.sum(); err != nil {
		return err
	}
	if f.refused > 0 {
		return refused()
	}
	return nil
}

// addAll takes the file in, a trip after another. What is broken is told and
// passed over; it ends where Redis or the input fails.
func (f *permitFile) addAll(ctx context.Context, file string) error {
	for next := range readFiles([]string{file}, newInterruptible(ctx, f.stdin)) {
		if ctx.Err() != nil {
			f.rows = nil // they were not handed over
			return f.lost(ours("interrupted"))
		}
		if next.err != nil && !fault.Is(next.err, fault.Invalid) {
			if err := f.hand(ctx); err != nil {
				return err
			}
			return f.lost(ours("%s: %w", next.source, next.err))
		}
		f.rows = append(f.rows, readRow(next))
		if len(f.rows) == rowsInTrip {
			if err := f.hand(ctx); err != nil {
				return err
			}
		}
	}
	return f.hand(ctx)
}

func readRow(next item) permitRow {
	row := permitRow{source: next.source, err: next.err}
	if row.err == nil {
		row.grant, row.err = permit.Decode(next.raw)
	}
	return row
}

// hand hands over the rows that were read, and tells what became of each.
func (f *permitFile) hand(ctx context.Context) error {
	var good []permit.Grant
	for _, row := range f.rows {
		if row.err == nil {
			good = append(good, row.grant)
		}
	}
	patient, cancel := context.WithTimeout(ctx, tripPatience)
	defer cancel()
	results, err := f.desk.AddPermits(patient, f.account, good)
	if fault.Is(err, fault.Unavailable) {
		return f.lost(f.desk.away(ctx, err))
	}
	if err != nil {
		return err
	}
	for _, row := range f.rows {
		o := grantOutcomeOf(f.account, row.source, intake.Granted{}, row.err)
		if row.err == nil {
			o = grantOutcomeOf(f.account, row.source, results[0].Granted, results[0].Err)
			results = results[1:]
		}
		if err := f.note(o); err != nil {
			return err
		}
	}
	f.rows = f.rows[:0]
	f.progress.show()
	return nil
}

// unnamed tells whether a consent counts again when it is repeated.
func unnamed(t message.PermitType, code string) bool { return t == message.ConsentPermit && code == "" }

// note counts one row and tells what became of it.
func (f *permitFile) note(o grantOutcome) error {
	switch {
	case o.Error != nil:
		f.refused++
	case o.Known:
		f.known++
	default:
		f.added++
		if unnamed(o.Type, o.Code) {
			f.unnamed++
		}
	}
	f.last = o.Source
	f.progress.count++
	f.complainGrant(o)
	if !f.asJSON {
		return nil
	}
	return written(f.lines.Encode(o))
}

// lost says how far a run came that was cut short, and that it may be repeated.
func (f *permitFile) lost(why error) error {
	done := "nothing was dealt with before"
	if f.last != "" {
		done = fmt.Sprintf("%s were dealt with, up to %s", f.counts(), f.last)
	}
	if len(f.rows) > 0 {
		done += fmt.Sprintf("; of the %d rows from %s on some may have been taken in", len(f.rows), f.rows[0].source)
	}
	for _, row := range f.rows {
		if unnamed(row.grant.Type, row.grant.Code) {
			f.unnamed++
		}
	}
	again := "repeat the command: a code that is known already changes nothing"
	if f.unnamed > 0 {
		again += fmt.Sprintf(", but consents without a code (%d) would count again, so leave those out that were dealt with", f.unnamed)
	}
	return ours("%w\n  %s\n  %s", why, done, again)
}

func (f *permitFile) counts() string {
	return fmt.Sprintf("%d permits (%d added, %d known already, %d refused)", f.added+f.known+f.refused, f.added, f.known, f.refused)
}

// sum is the result: for people on standard output, where --json has its lines
// already.
func (f *permitFile) sum() error {
	if f.asJSON {
		f.tell("%s", f.counts())
		return nil
	}
	_, err := fmt.Fprintln(f.stdout, f.counts())
	return written(err)
}
