package main

import (
	"context"

	"github.com/spf13/cobra"

	"wxdispatch/internal/message"
)

func (p *program) batchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "batch",
		Short: "tells how batches stand; pauses, resumes, cancels and exports them",
		Long: `batch tells of each batch how many messages it has, how many wait, how they ended,
and when it was done; and it pauses, resumes, cancels and exports one.

A batch is all messages of an account that name it, however they came. It waits in
queues of its own (ACCOUNT.KIND.BATCH), behind the account's single messages; a
batch that stands still keeps nothing else from being sent. What is known of one
is kept for message.keep after it is done.`,
		Example: `  enqueue batch list shop
  enqueue batch watch shop spring
  enqueue batch pause shop spring
  enqueue batch export shop spring --dir reports`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("found batch %q; write batch list, show, watch, pause, resume, cancel or export", args[0])
			}
			_, _ = cmd.ErrOrStderr().Write([]byte(cmd.UsageString()))
			return usage("batch list, show, watch, pause, resume, cancel or export is missing")
		},
	}
	cmd.AddCommand(p.batchListCommand(), p.batchShowCommand(), p.batchWatchCommand(), p.batchPauseCommand(),
		p.batchResumeCommand(), p.batchCancelCommand(), p.batchExportCommand())
	return cmd
}

// atBatch works at the desk of a batch's account, without a limit of time.
func (p *program) atBatch(ctx context.Context, account, name string, work func(d *desk) error) error {
	if !message.ValidID(name) {
		return usage("found the batch %q; a batch's name is 1 to 64 of A-Za-z0-9_.:-", name)
	}
	d, err := p.openFor(ctx, account)
	if err != nil {
		return err
	}
	defer d.close()
	return d.orAway(ctx, work(d))
}
