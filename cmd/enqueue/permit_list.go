package main

import (
	"context"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"wxdispatch/internal/permit"
)

func (p *program) permitListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list ACCOUNT OPENID",
		Short: "shows what is left to a user, and until when",
		Long: `list shows the permits of a user that have something left: forms and payments in
the order in which messages take them, then consents. What is spent, held by a
message that waits, or over is not there. With --json it is one object:
{"openid","remaining","permits":[{"type","code","template_id","left","expires_at"}]}`,
		Example: `  enqueue permit list mini OPENID
  enqueue permit list mini OPENID --json`,
		Args: exactly(2, "enqueue permit list ACCOUNT OPENID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.permitList(cmd.Context(), args[0], args[1])
		},
	}
}

// exactly asks for so many arguments and tells how the command is written.
func exactly(n int, how string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return usage("found %s; write %s", arguments(len(args)), how)
		}
		return nil
	}
}

func (p *program) permitList(ctx context.Context, account, openid string) error {
	return p.onAccount(ctx, account, func(ctx context.Context, d *desk) error {
		standing, err := d.Permits(ctx, account, openid)
		switch {
		case err != nil:
			return err
		case p.asJSON:
			return written(newEncoder(p.stdout).Encode(permit.BalanceOf(openid, standing)))
		case len(standing) == 0:
			p.tell("nothing is left to this user of account %s; what is spent, held by a message, or over is not counted", account)
			return nil
		}
		t, now := newTable("TYPE", "CODE", "TEMPLATE", "LEFT", "EXPIRES"), time.Now()
		for _, s := range standing {
			t.AppendRow(table.Row{s.Type, orDash(s.Code), orDash(s.Template), s.Left, until(s.ExpiresAt, now)})
		}
		return printTable(p.stdout, t)
	})
}
