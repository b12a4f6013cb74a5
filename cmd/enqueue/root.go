package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// program is what every command shares.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	environ        []string // as os.Environ returns it

	configFile string
	asJSON     bool
}

// run is the program without its process: it returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, environ []string) int {
	p := &program{stdin: stdin, stdout: stdout, stderr: stderr, environ: environ}
	root := p.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err != nil && err.Error() != "" {
		p.tell("enqueue: %s", strings.Join(words(err), "\n  "))
	}
	return exitCode(err)
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "enqueue",
		Short: "hands messages over to the workers and tells what became of them",
		Long: `enqueue hands messages over to the workers and tells what became of them.

Results go to standard output (a table, or one JSON object a line with --json),
words for people to standard error.
Exit codes: 0 all taken, duplicates included; 1 a fault on our side (Redis is
away); 2 usage or configuration; 3 at least one message or permit was refused.`,
		Example: `  enqueue send order.json
  enqueue status shop order-1001-paid`,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, _ = fmt.Fprint(p.stderr, cmd.UsageString())
			return usage("a command is missing")
		},
	}
	root.PersistentFlags().StringVar(&p.configFile, "config", "", "configuration `FILE` (else WXDISPATCH_CONFIG, else config.yaml)")
	root.PersistentFlags().BoolVar(&p.asJSON, "json", false, "one JSON object a line instead of a table")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("%w; see %s --help", err, cmd.CommandPath())
	})
	root.AddCommand(
		p.sendCommand(),
		p.bulkCommand(),
		p.statusCommand(),
		p.findCommand(),
		p.cancelCommand(),
		p.failedCommand(),
		p.replayCommand(),
		p.resolveCommand(),
		p.permitCommand(),
		p.suppressCommand(),
		p.batchCommand(),
		p.accountCommand(),
		p.serveCommand(),
	)
	return root
}

// tell writes a line for people.
func (p *program) tell(format string, args ...any) {
	_, _ = fmt.Fprintf(p.stderr, format+"\n", args...)
}
