package main

import (
	"context"
	"fmt"
	"time"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

// mostComplaints is how many messages that were not changed are told of one by
// one; --json tells all.
const mostComplaints = 20

// selection does something to every bad end that a filter picks: it counts first,
// asks, and goes through them a page at a time. What ends while it works is not
// meant, so it may be interrupted and repeated.
type selection struct {
	*program
	desk    *desk
	account string
	filter  ledger.Filter
	yes     bool
	done    string // what is done, as "replayed"
	asks    func(chosen tally) string
	leaves  func(*message.Record) bool // passed over, and told of in asks
	do      func(ctx context.Context, r *message.Record) (message.State, error)

	at       time.Time // the beginning, on Redis's clock
	changed  int
	refused  int
	progress *progress
}

// tally is how many records a filter picks, by state.
type tally map[message.State]int

func (t tally) all() (n int) {
	for _, of := range t {
		n += of
	}
	return n
}

// words tells the counts, in the order of a message's way.
func (t tally) words() string {
	text := ""
	for _, state := range message.States() {
		if t[state] > 0 {
			text += fmt.Sprintf(", %d %s", t[state], state)
		}
	}
	return text[min(2, len(text)):]
}

func (b *selection) run(ctx context.Context) error {
	var err error
	if b.at, err = b.desk.office.Clock(ctx); err != nil {
		return b.desk.away(ctx, err)
	}
	if b.filter.Until.IsZero() || b.filter.Until.After(b.at) {
		b.filter.Until = b.at
	}
	chosen, err := b.count(ctx)
	if err != nil {
		return err
	}
	left := 0
	for state := range chosen {
		if b.leaves(&message.Record{State: state}) {
			left += chosen[state]
		}
	}
	if chosen.all() == left {
		b.tell("%s, so nothing is to be %s", b.asks(chosen), b.done)
		return nil
	}
	if willing, err := b.confirmed(ctx, b.asks(chosen), b.yes); err != nil || !willing {
		return err
	}
	return b.changeAll(ctx, chosen.all()-left)
}

func (b *selection) count(ctx context.Context) (tally, error) {
	chosen := tally{}
	for record, err := range b.desk.Failed(ctx, b.account, b.filter) {
		if err != nil {
			return nil, b.desk.away(ctx, err)
		}
		chosen[record.State]++
	}
	return chosen, nil
}

// changeAll goes through the same selection again and tells the counts, also
// of a run that was cut short.
func (b *selection) changeAll(ctx context.Context, total int) error {
	b.progress = b.newCount("messages "+b.done, total)
	lost := b.each(ctx)
	b.progress.close()
	if lost != nil {
		return ours("%w\n  %d of %d were %s; what was is not done twice: repeat the command, with --until %s to leave out what ended since",
			lost, b.changed, total, b.done, b.at.UTC().Format(time.RFC3339Nano))
	}
	if err := b.sum(); err != nil {
		return err
	}
	if b.refused > 0 {
		return refused()
	}
	return nil
}

func (b *selection) each(ctx context.Context) error {
	lines := newEncoder(b.stdout)
	for record, err := range b.desk.Failed(ctx, b.account, b.filter) {
		if err != nil {
			return b.desk.away(ctx, err)
		}
		if ctx.Err() != nil {
			return ours("interrupted before %s", record.ID)
		}
		if b.leaves(record) {
			continue
		}
		o, err := b.desk.changeOne(ctx, b.account, record.ID, func(ctx context.Context, _ string) (message.State, error) {
			return b.do(ctx, record)
		})
		if err != nil {
			return ours("%w\n  %s may have been %s or not: look with enqueue status %s %s; a worker's sweep, or the command with this id, ends what was begun",
				err, record.ID, b.done, b.account, record.ID)
		}
		b.note(o)
		if b.asJSON {
			if err := written(lines.Encode(o)); err != nil {
				return err
			}
		}
	}
	return nil
}

// note counts one and says why one was not changed.
func (b *selection) note(o outcome) {
	b.progress.step()
	if o.Error == nil {
		b.changed++
		return
	}
	b.refused++
	switch {
	case b.refused <= mostComplaints:
		b.tell("%s: not %s: %s", o.ID, b.done, o.Error.Message)
	case b.refused == mostComplaints+1:
		b.tell("more were not %s; --json tells each", b.done)
	}
}

// sum is the result: for people on standard output, where --json has its lines
// already.
func (b *selection) sum() error {
	text := fmt.Sprintf("%d %s, %d not", b.changed, b.done, b.refused)
	if b.asJSON {
		b.tell("%s", text)
		return nil
	}
	_, err := fmt.Fprintln(b.stdout, text)
	return written(err)
}
