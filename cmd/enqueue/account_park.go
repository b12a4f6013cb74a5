package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"wxdispatch/internal/message"
)

func (p *program) accountParkCommand() *cobra.Command {
	var kind, reason, until string
	cmd := &cobra.Command{
		Use:   "park ACCOUNT [--kind K] --reason TEXT [--until T]",
		Short: "stops an account, or one kind of it, until somebody ends that",
		Long: `park stops all workers within a second: nothing of the account, or of the kind, is
sent until account unpark, or until the time that --until names. Messages are
taken as before and wait. Calls that are under way are brought to their end.

Nothing else ends such a park: no probe, no midnight, no Resume in the web UI.`,
		Example: `  enqueue account park shop --reason "price in the template is wrong"
  enqueue account park shop --kind template --reason maintenance --until 08:00`,
		Args: exactly(1, "enqueue account park ACCOUNT --reason TEXT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			now := time.Now()
			k, err := kindOf(kind)
			if err != nil {
				return err
			}
			end, err := comes("--until", until, now)
			if err != nil {
				return err
			}
			if reason == "" {
				return usage("--reason is missing; say why, for whoever finds the account parked")
			}
			return p.onAccount(cmd.Context(), args[0], func(ctx context.Context, d *desk) error {
				if err := d.office.Operator.Park(ctx, args[0], k, reason, p.who(), end, now); err != nil {
					return err
				}
				return p.accountNow(ctx, d, args[0], "parked "+allOr(k)+" of "+args[0])
			})
		},
	}
	cmd.Flags().StringVar(&kind, "kind", "", "only this `KIND` (all when absent)")
	cmd.Flags().StringVar(&reason, "reason", "", "why, in words (`TEXT`)")
	cmd.Flags().StringVar(&until, "until", "", "when it ends by itself (`T`): "+untilHelp)
	return cmd
}

func (p *program) accountUnparkCommand() *cobra.Command {
	var kind string
	cmd := &cobra.Command{
		Use:   "unpark ACCOUNT [--kind K]",
		Short: "ends every park of an account, or of one kind",
		Long: `unpark ends what parks the account and all its kinds, or one kind: a person's park
and WeChat's. Workers go on within a second. What WeChat still refuses parks again
at its next answer. A queue that somebody paused in the web UI stays so.`,
		Example: "  enqueue account unpark shop\n  enqueue account unpark shop --kind template",
		Args:    exactly(1, "enqueue account unpark ACCOUNT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			k, err := kindOf(kind)
			if err != nil {
				return err
			}
			return p.onAccount(cmd.Context(), args[0], func(ctx context.Context, d *desk) error {
				n, left, err := d.office.Operator.Unpark(ctx, args[0], k, p.who())
				if err != nil {
					return err
				}
				text := "ended every park of " + allOr(k) + " of " + args[0]
				if n == 0 {
					text = "nothing of " + allOr(k) + " of " + args[0] + " was parked"
				}
				if len(left) > 0 {
					text += "; a park of all kinds still holds it: enqueue account unpark " + args[0]
				}
				return p.accountNow(ctx, d, args[0], text)
			})
		},
	}
	cmd.Flags().StringVar(&kind, "kind", "", "only this `KIND` (all when absent)")
	return cmd
}

// accountNow tells what was done, and how the account stands since.
func (p *program) accountNow(ctx context.Context, d *desk, account, done string) error {
	p.tell("%s", done)
	return p.accountShow(ctx, d, account)
}

func allOr(kind message.Kind) string {
	if kind == "" {
		return "all kinds"
	}
	return string(kind)
}
