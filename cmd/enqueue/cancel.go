package main

import (
	"context"

	"github.com/spf13/cobra"

	"wxdispatch/internal/message"
)

func (p *program) cancelCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "cancel ACCOUNT ID…",
		Short: "stops messages that are not sent yet",
		Long: `cancel stops messages that wait: for their send_at, for their turn, or for
another attempt. It tells a line a message: cancelled, or that it is too late,
with its state. What WeChat may have got already cannot be called back: a
message whose earlier attempt was never answered ends in_doubt.

Exit 0 when all are cancelled, or were already; 3 otherwise.`,
		Example: `  enqueue cancel shop order-1001-paid
  enqueue cancel shop order-1001-paid order-1002-paid --json`,
		Args: atLeast(2, "enqueue cancel ACCOUNT ID…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			d, err := p.openFor(ctx, args[0])
			if err != nil {
				return err
			}
			defer d.close()
			cancelled := 0
			defer func() { p.notedCount(ctx, d, args[0], "cancel", cancelled) }()
			return p.changeIDs(ctx, d, args[0], args[1:], func(ctx context.Context, id string) (message.State, error) {
				state, err := d.Cancel(ctx, args[0], id)
				if err == nil {
					cancelled++
				}
				return state, err
			})
		},
	}
}

// atLeast asks for so many arguments and tells how the command is written.
func atLeast(n int, how string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) < n {
			return usage("found %s; write %s", arguments(len(args)), how)
		}
		return nil
	}
}
