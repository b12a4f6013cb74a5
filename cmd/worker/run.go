package main

import (
	"context"

	"github.com/spf13/cobra"

	"wxdispatch/internal/worker"
)

func (p *program) runCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "Run until SIGTERM or SIGINT",
		Long: `Runs the lanes of every account and the admin pages on worker.listen:
/ overview, /queues/ the asynq web UI, /healthz, /readyz, /metrics.

SIGTERM or SIGINT ends it within worker.shutdown_timeout: nothing new is taken,
no call is started, what runs is brought to its end.`,
		Example: "  worker run\n  WXDISPATCH_ACCOUNTS_SHOP_SECRET=… worker run --config /etc/wxdispatch.yaml",
		Args:    usageArgs(cobra.NoArgs),
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.run(cmd.Context()) },
	}
}

// run works until ctx ends.
func (p *program) run(ctx context.Context) error {
	cfg, err := p.load()
	if err != nil {
		return err
	}
	if err := cfg.CheckWorker(); err != nil {
		return err
	}
	w, err := worker.New(cfg, p.logger(cfg.Log))
	if err != nil {
		return err
	}
	if err := w.Start(ctx); err != nil {
		return err
	}
	<-ctx.Done()
	return w.Stop()
}
