package main

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/message"
)

// send is one run of the command.
type send struct {
	*program
	message *messageFlags
	print   bool
	wait    time.Duration

	report   *report
	progress *progress
	held     []outcome // with --wait: all, in order
}

func (p *program) sendCommand() *cobra.Command {
	s := &send{program: p}
	cmd := &cobra.Command{
		Use:   "send [FILE…]",
		Short: "hands messages over",
		Long: `send hands messages over: a JSON object, an array or NDJSON, from files or
standard input (- or no FILE), or one message from flags.

The same id with the same content again changes nothing (a duplicate, exit 0);
with other content it is refused as a conflict. One bad message does not stop
the others; a broken array ends where it breaks.`,
		Example: `  enqueue send order.json
  enqueue send --json messages.ndjson > results.ndjson
  producer | enqueue send -
  enqueue send --account shop --kind template --to OPENID --template ID \
      --data keyword1=paid --data keyword2=¥260.00 --id order-1001-paid
  enqueue send --print order.json          # path and body, nothing is sent
  enqueue send --wait 30s order.json       # until WeChat took it`,
		RunE: func(cmd *cobra.Command, files []string) error { return s.run(cmd.Context(), files) },
	}
	s.message = addMessageFlags(cmd.Flags())
	cmd.Flags().BoolVar(&s.print, "print", false, "print the URL path and the exact body; nothing is sent, Redis is not asked")
	cmd.Flags().DurationVar(&s.wait, "wait", 0, "wait so long for the final state, as 30s; exit 3 when one was not accepted")
	return cmd
}

func (s *send) run(ctx context.Context, files []string) error {
	items, err := s.items(ctx, files)
	if err != nil {
		return err
	}
	if s.print {
		return s.printAll(items)
	}
	d, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer d.close()
	s.report, s.progress = s.newReport(), s.newProgress("messages handed over")
	err = s.takeAll(ctx, d, items)
	if s.wait > 0 {
		err = s.awaitAll(ctx, d, err)
	}
	s.progress.close()
	if err := errors.Join(err, s.report.close()); err != nil {
		return err
	}
	return s.verdict()
}

// items are the messages, from files, flags or standard input.
func (s *send) items(ctx context.Context, files []string) (iter.Seq[item], error) {
	given := s.message.given()
	switch {
	case s.wait < 0:
		return nil, usage("--wait %s is in the past; give a duration as 30s", s.wait)
	case s.print && s.wait > 0:
		return nil, usage("--print sends nothing, so there is nothing to --wait for")
	case len(given) > 0 && len(files) > 0:
		return nil, usage("found %s beside files; give files, or one message by flags", strings.Join(given, ", "))
	case len(given) > 0:
		one, err := s.message.item()
		return func(yield func(item) bool) { yield(one) }, err
	case len(files) == 0:
		files = []string{standardInput}
		if isTerminal(s.stdin) {
			s.tell("reading messages from standard input; end with Ctrl-D")
		}
	}
	return readFiles(files, newInterruptible(ctx, s.stdin)), checkFiles(files)
}

// takeAll hands over one message after another. It stops where Redis or the
// input fails; what was done until then stays done.
func (s *send) takeAll(ctx context.Context, d *desk, items iter.Seq[item]) error {
	for next := range items {
		if ctx.Err() != nil {
			return ours("interrupted before %s; what came before was handed over", next.source)
		}
		m, err := decode(next)
		if err != nil && !fault.Is(err, fault.Invalid) {
			return ours("%s: %w; what came before was handed over", next.source, err)
		}
		var result intake.Result
		if err == nil {
			result, err = d.take(ctx, m)
		} else {
			result = whose(next.raw)
		}
		if told := s.tellOutcome(outcomeOf(next.source, result, err)); told != nil {
			return told
		}
		if fault.Is(err, fault.Unavailable) {
			return s.lost(d.away(ctx, err), next, result)
		}
		s.progress.step()
	}
	return nil
}

// lost says where a run ended because Redis went away.
func (s *send) lost(why error, at item, r intake.Result) error {
	return ours("%w\n  message %s (%s) may have been taken or not: send it again with this id; what came before was handed over, the rest was not read",
		why, r.ID, at.source)
}

// tellOutcome reports at once, or after the wait.
func (s *send) tellOutcome(o outcome) error {
	if s.wait > 0 {
		s.held = append(s.held, o)
		return nil
	}
	return s.report.add(o)
}

// verdict is the exit code after everything was told.
func (s *send) verdict() error {
	if s.report.refused > 0 {
		return refused()
	}
	for _, o := range s.held {
		if !good(o) {
			return refused()
		}
	}
	return nil
}

func decode(next item) (*message.Message, error) {
	if next.err != nil {
		return nil, next.err
	}
	return message.Decode(next.raw)
}

// whose reads id and account of a message that is not valid, as far as they
// are there.
func whose(raw json.RawMessage) intake.Result {
	var fields map[string]json.RawMessage
	var r intake.Result
	if json.Unmarshal(raw, &fields) == nil {
		_ = json.Unmarshal(fields["id"], &r.ID)
		_ = json.Unmarshal(fields["account"], &r.Account)
	}
	return r
}

func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
