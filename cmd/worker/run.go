package main

import (
	"context"
	"log/slog"

	"github.com/spf13/cobra"

	"wxdispatch/internal/config"
	"wxdispatch/internal/worker"
	"wxdispatch/internal/worker/check"
)

func (p *program) runCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "Run until SIGTERM or SIGINT",
		Long: `Runs the lanes of every account and the admin pages on worker.listen:
/ overview, /queues/ the asynq web UI, /healthz, /readyz, /metrics.

SIGTERM or SIGINT ends it within worker.shutdown_timeout: nothing new is taken,
no call is started, what runs is brought to its end.

A change of the configuration file, or of a file that a …_file key names, takes
effect within 5 s, without a restart; a bad one changes nothing and is told in
the log.`,
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
	log := p.logger(cfg.Log)
	w, err := worker.New(cfg, log)
	if err != nil {
		return err
	}
	warnOfRedis(ctx, cfg, w, log) // before it fails for want of it
	if err := w.Start(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // it was told to end before it began
		}
		return err
	}
	config.Watch(ctx, p.options(), cfg, w.Apply, log)
	return w.Stop()
}

// warnOfRedis says what of Redis makes the promises weaker than they could be:
// an eviction policy, no append-only file, an old version, another clock.
func warnOfRedis(ctx context.Context, cfg *config.Config, w *worker.Worker, log *slog.Logger) {
	if cfg.Redis.Mode == config.Embedded {
		return // told already
	}
	for _, r := range check.Store(ctx, check.Options{Config: cfg, Redis: check.NewRedis(w.Redis())}) {
		if r.Level != check.OK {
			log.Warn(r.Name, slog.String("found", r.Words), slog.String("do", r.Do))
		}
	}
}
