package main

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"wxdispatch/cmd/worker/internal/demo"
)

// demoMessages is how many messages the demo sends unless told otherwise.
const demoMessages = 300

func (p *program) demoCommand() *cobra.Command {
	o := demo.Options{Out: p.stdout, Err: p.stderr}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "See it work: embedded Redis, stand-in WeChat, messages of every kind, the web UI",
		Long: `Starts an embedded Redis, a stand-in WeChat and a worker for an official account
and a mini program, sends messages of every kind that meet what messages meet,
and tells what became of each. The asynq web UI stays open until Ctrl-C; a second
terminal may enqueue into it. Nothing is kept.

With --exit it ends by itself, with 0 only when each message ended as expected
and each user's phone rang as often as it should.`,
		Example: "  worker demo\n  worker demo --messages 2000 --exit",
		Args:    usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if o.Messages < 1 || o.Messages > 100_000 {
				return fmt.Errorf("%w: --messages is %d; give 1 to 100000", errUsage, o.Messages)
			}
			if o.Config, err = p.load(); err != nil {
				return err
			}
			// The demo's own misfortunes are meant; only errors are news.
			o.Log = slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: slog.LevelError}))
			err = demo.Run(cmd.Context(), o)
			if errors.Is(err, demo.ErrUnexpected) {
				fmt.Fprintln(p.stderr, "worker demo:", err)
				return errSilent
			}
			return err
		},
	}
	cmd.Flags().IntVar(&o.Messages, "messages", demoMessages, "about how many messages to send, at least one of each scene")
	cmd.Flags().BoolVar(&o.Exit, "exit", false, "end by itself, with 0 only when each message ended as expected")
	return cmd
}
