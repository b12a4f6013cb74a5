package main

import (
	"context"

	"github.com/jedib0t/go-pretty/v6/table"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/message"
)

// change does one thing to one message and tells where it stands then.
type change func(ctx context.Context, id string) (message.State, error)

// changeIDs does something to each named message and tells how each came out:
// lines as they come with --json, else a table at the end. Exit 3 when one was
// not changed.
func (p *program) changeIDs(ctx context.Context, d *desk, account string, ids []string, do change) error {
	lines, told, bad := newEncoder(p.stdout), newTable("ID", "STATE", "NOTE"), false
	var lost error
	for _, id := range ids {
		if ctx.Err() != nil {
			lost = ours("interrupted before %s", id)
			break
		}
		o, err := d.changeOne(ctx, account, id, do)
		if err != nil {
			lost = ours("%w\n  %s may have been changed or not: repeat the command", err, id)
			break
		}
		bad = bad || o.Error != nil
		if !p.asJSON {
			told.AppendRow(table.Row{id, orDash(string(o.State)), whyNot(o)})
			continue
		}
		if err := written(lines.Encode(o)); err != nil {
			return err
		}
	}
	if told.Length() > 0 {
		if err := printTable(p.stdout, told); err != nil {
			return err
		}
	}
	if lost == nil && bad {
		return refused()
	}
	return lost
}

// changeOne does something to one message within the time that one may cost.
// An error is that Redis is away.
func (d *desk) changeOne(ctx context.Context, account, id string, do change) (outcome, error) {
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	state, err := do(patient, id)
	if fault.Is(err, fault.Unavailable) {
		return outcome{}, d.away(ctx, err)
	}
	return outcomeOf("", intake.Result{ID: id, Account: account, State: state}, err), nil
}

func whyNot(o outcome) string {
	if o.Error == nil {
		return ""
	}
	return o.Error.Message
}
