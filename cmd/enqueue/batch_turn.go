package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"wxdispatch/internal/standing"
)

func (p *program) batchPauseCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "pause ACCOUNT NAME",
		Short: "keeps what waits of a batch where it is",
		Long: `pause stops a batch within a second on all workers. What waits stays where it is and
costs nothing; what is being sent comes to its end; the account's single messages
and its other batches go on. More may be put into it meanwhile. Messages whose
expires_at comes, or whose permit ends, while it is paused end so afterwards.`,
		Example: "  enqueue batch pause shop spring",
		Args:    exactly(2, "enqueue batch pause ACCOUNT NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.turnBatch(cmd.Context(), args[0], args[1], "batch_pause", func(ctx context.Context, d *desk) (standing.Batch, error) {
				return d.office.Batches.Pause(ctx, args[0], args[1])
			})
		},
	}
}

func (p *program) batchResumeCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "resume ACCOUNT NAME",
		Short:   "lets a paused batch go on",
		Long:    "resume lets a paused batch go on where it stood, within a second on all workers.",
		Example: "  enqueue batch resume shop spring",
		Args:    exactly(2, "enqueue batch resume ACCOUNT NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.turnBatch(cmd.Context(), args[0], args[1], "batch_resume", func(ctx context.Context, d *desk) (standing.Batch, error) {
				return d.office.Batches.Resume(ctx, args[0], args[1])
			})
		},
	}
}

func (p *program) turnBatch(ctx context.Context, account, name, what string, turn func(context.Context, *desk) (standing.Batch, error)) error {
	return p.atBatch(ctx, account, name, func(d *desk) error {
		patient, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		b, err := turn(patient, d)
		if err != nil {
			return err
		}
		p.noted(patient, d, account, what, "*", "batch "+name)
		p.tell("batch %s of %s is %s: %d of %d messages wait", b.Name, account, b.State, b.Queued, b.Total)
		if p.asJSON {
			return p.printBatch(b)
		}
		return nil
	})
}

func (p *program) batchCancelCommand() *cobra.Command {
	yes := false
	cmd := &cobra.Command{
		Use:   "cancel ACCOUNT NAME",
		Short: "stops a batch for good",
		Long: `cancel stops a batch for good: it counts first and asks; --yes goes on without. From
that moment nothing of it is sent, and each message that waits ends as cancelled,
with its permit given back. What is being sent right now comes to its end; what
was sent and never answered may have arrived and ends in_doubt. The batch takes no
more messages.

It may be interrupted: workers end the rest, and so does the command given again.`,
		Example: "  enqueue batch cancel shop spring\n  enqueue batch cancel shop spring --yes",
		Args:    exactly(2, "enqueue batch cancel ACCOUNT NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atBatch(cmd.Context(), args[0], args[1], func(d *desk) error {
				return p.batchCancel(cmd.Context(), d, args[0], args[1], yes)
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

func (p *program) batchCancel(ctx context.Context, d *desk, account, name string, yes bool) error {
	b, err := showBatch(ctx, d, account, name)
	if err != nil {
		return err
	}
	question := fmt.Sprintf("%d of %d messages of batch %s of account %s wait and would be cancelled, for good", b.Queued, b.Total, name, account)
	if willing, err := p.confirmed(ctx, question, yes); err != nil || !willing {
		return err
	}
	progress := p.newCount("messages cancelled", b.Queued)
	b, err = d.office.Batches.Cancel(ctx, account, name, func(ended int) {
		progress.count = ended
		progress.show()
	})
	progress.close()
	if err != nil {
		return err
	}
	p.noted(ctx, d, account, "batch_cancel", "*", "batch "+name)
	p.tell("batch %s of %s is cancelled", name, account)
	return p.printBatch(b)
}
