package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"wxdispatch/internal/message"
)

func (p *program) findCommand() *cobra.Command {
	var template, since string
	cmd := &cobra.Command{
		Use:   "find ACCOUNT OPENID",
		Short: "finds a user's messages",
		Long: `find shows the messages of a user that were taken since then, newest first: a
table, or whole records with --json.

A message is found from its first attempt on, or from when it was cancelled. One
that still waits in its queue for its send_at or its turn is not: ask enqueue
status for it by its id. A record is kept for message.keep after its end.`,
		Example: `  enqueue find shop OPENID
  enqueue find shop OPENID --since 24h --template TEMPLATE --json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usage("found %s; write enqueue find ACCOUNT OPENID", arguments(len(args)))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			from, err := moment("--since", since, time.Now(), false)
			if err != nil {
				return err
			}
			return p.find(cmd.Context(), args[0], args[1], template, from)
		},
	}
	cmd.Flags().StringVar(&template, "template", "", "only the template with this `ID`")
	cmd.Flags().StringVar(&since, "since", "", "taken no earlier than this `TIME`, "+whenHelp+" (all that is kept when absent)")
	return cmd
}

func (p *program) find(ctx context.Context, account, openid, template string, since time.Time) error {
	d, err := p.openFor(ctx, account)
	if err != nil {
		return err
	}
	defer d.close()
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	records, err := d.Find(patient, account, openid, template, since)
	switch {
	case err != nil:
		return d.orAway(ctx, err)
	case len(records) == 0:
		p.tell("account %s has no record of such a message; what waits for its first attempt has none yet", account)
		return nil
	}
	return p.printRecords(records)
}

// printRecords prints whole records, or a table of them.
func (p *program) printRecords(records []*message.Record) error {
	lines := newEncoder(p.stdout)
	for _, r := range records {
		explained(r)
		if p.asJSON {
			if err := written(lines.Encode(r)); err != nil {
				return err
			}
		}
	}
	if p.asJSON {
		return nil
	}
	return p.showRecords(records)
}
