package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	exitOK     = 0
	exitFault  = 1 // something could not be run
	exitUsage  = 2
	exitMissed = 3 // --strict: a goal was missed
)

// usageError is a mistake in the arguments.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// errMissed ends with exit 3.
var errMissed = errors.New("a goal was missed")

// run carries out one command line and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	set := full()
	if slices.Contains(args, "--quick") || slices.Contains(args, "--quick=true") {
		set = quick() // what the other flags change
	}
	set.words = stderr
	started := false
	cmd := command(&set, &started)
	cmd.SetArgs(args)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	err := cmd.ExecuteContext(ctx)
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errMissed):
		return exitMissed
	}
	fmt.Fprintln(stderr, "bench:", err)
	if !started || errors.As(err, &usage) {
		fmt.Fprintln(stderr, "Try: bench --help")
		return exitUsage
	}
	return exitFault
}

func command(set *settings, started *bool) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Compares wxdispatch with a bare asynq worker that posts with net/http",
		Long: `bench sends the same messages to the same stand-in WeChat by two workers in turn:

  bare        asynq as its wiki shows it, a handler that posts with net/http
  wxdispatch  the worker, its pace as fast as a configuration may allow

Redis, the stand-in and the workers are processes of their own, new for each run.
Throughput is the stand-in's count from its first to its last delivery, commands
are those that a worker sent (those inside scripts are told apart), processor
time and memory are the kernel's. The table says ok or MISSED beside each goal.

Sections:
  drain    a full queue is emptied: template, and wxopen whose permits come from the pool
  latency  from enqueue to the stand-in, on an idle queue and at three rates
  depth    does a message cost the same when very many wait?
  scale    two workers against one, Redis 1 ms away, WeChat at once and after 50 ms`,
		Example: `  make bench
  make bench ARGS='--redis-latency 1ms --json far.json'
  make bench ARGS='--quick --only drain'
  make bench ARGS='--only drain --rounds 1 --profile /tmp/profiles'`,
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			*started = true
			if err := set.check(); err != nil {
				return err
			}
			return measure(cmd.Context(), *set, cmd.OutOrStdout())
		},
	}
	set.declare(cmd.Flags())
	cmd.Flags().SortFlags = false
	cmd.AddCommand(soakCommand(set.words, started))
	return cmd
}

// measure runs the sections and tells what they showed.
func measure(ctx context.Context, set settings, stdout io.Writer) error {
	r := newReport(set)
	for _, section := range []struct {
		name string
		run  func(context.Context, settings, *report) error
	}{
		{drainSection, drains}, {latencySection, latencies}, {depthSection, depths}, {scaleSection, scales},
	} {
		if !set.runs(section.name) {
			continue
		}
		if err := section.run(ctx, set, r); err != nil {
			if ctx.Err() != nil {
				return errors.New("interrupted; nothing of it runs any more")
			}
			return fmt.Errorf("%s: %w", section.name, err)
		}
	}
	if err := r.write(stdout); err != nil {
		return err
	}
	if set.Strict && r.missed() {
		return errMissed
	}
	return nil
}
