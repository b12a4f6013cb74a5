package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/spf13/cobra"

	"wxdispatch/internal/config"
	"wxdispatch/internal/fault"
)

// Exit codes.
const (
	exitOK     = 0
	exitFault  = 1 // a fault on our side, or a demo that did not end as expected
	exitUsage  = 2 // usage or configuration
	exitFailed = 1
)

// program is what every command stands on.
type program struct {
	environ        []string
	stdout, stderr io.Writer
	configFile     string
}

// errUsage marks mistakes in flags, arguments or the configuration.
var errUsage = errors.New("usage")

// run carries out one command line and returns the exit code.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	p := &program{environ: environ, stdout: stdout, stderr: stderr}
	root := p.root()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errSilent):
		return exitFailed
	}
	p.tell(err)
	if errors.Is(err, errUsage) || fault.Is(err, fault.Invalid) {
		return exitUsage
	}
	return exitFault
}

// errSilent ends with exit 1 when all was said already.
var errSilent = errors.New("said already")

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "worker",
		Short: "Brings queued messages to WeChat, each once, at the pace that WeChat allows",
		Long: `worker drains the queues of every account in its configuration towards WeChat.
Without a command it is "worker run". More workers share the work.

Configuration: config.yaml here, --config FILE, or WXDISPATCH_CONFIG; every key
has an environment variable (accounts.shop.secret: WXDISPATCH_ACCOUNTS_SHOP_SECRET).`,
		Example: `  worker demo            # see it work: embedded Redis, stand-in WeChat, web UI
  worker check           # is everything there that a worker needs?
  worker                 # run`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          usageArgs(cobra.NoArgs),
		RunE:          func(cmd *cobra.Command, _ []string) error { return p.run(cmd.Context()) },
	}
	root.PersistentFlags().StringVar(&p.configFile, "config", "", "configuration file (default config.yaml, or WXDISPATCH_CONFIG)")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w: %w; see %s --help", errUsage, err, cmd.CommandPath())
	})
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(p.runCommand(), p.demoCommand(), p.checkCommand())
	return root
}

// usageArgs marks the mistakes of an argument check as usage.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return fmt.Errorf("%w: %w; see %s --help", errUsage, err, cmd.CommandPath())
		}
		return nil
	}
}

func (p *program) load() (*config.Config, error) { return config.Load(p.options()) }

func (p *program) options() config.Options {
	return config.Options{File: p.configFile, Env: p.environ}
}

// tell prints an error for people, each mistake of an input on a line of its own.
func (p *program) tell(err error) {
	var e *fault.Error
	if !errors.As(err, &e) || len(e.Fields) == 0 {
		fmt.Fprintln(p.stderr, "worker:", err)
		return
	}
	fmt.Fprintf(p.stderr, "worker: %s\n", e.Message)
	for _, f := range e.Fields {
		fmt.Fprintln(p.stderr, "  "+f.String())
	}
}

// logger logs to standard error, as the configuration says.
func (p *program) logger(cfg config.Log) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(cfg.Level)) // checked when it was loaded
	options := &slog.HandlerOptions{Level: level}
	if cfg.Format == "text" {
		return slog.New(slog.NewTextHandler(p.stderr, options))
	}
	return slog.New(slog.NewJSONHandler(p.stderr, options))
}
