package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
)

func (p *program) suppressCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "suppress",
		Short: "keeps messages from users who want none, or none of one template",
		Long: `suppress keeps a user's own switch: nothing more, or nothing of one template, for
good or until a time. What is handed over then is refused (suppressed), what
waits already ends so; a message with force goes all the same.

WeChat's word does the same by itself: 43101 on kind template (the user switched
the template off) for suppress_for, and a push that the user rejected a
subscription for 30 days. A new consent to the template lifts it.`,
		Example: `  enqueue suppress add shop OPENID --template TEMPLATE --until 30d
  enqueue suppress list shop OPENID
  enqueue suppress remove shop OPENID --template TEMPLATE`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("found suppress %q; write suppress add, list or remove", args[0])
			}
			_, _ = fmt.Fprint(p.stderr, cmd.UsageString())
			return usage("suppress add, list or remove is missing")
		},
	}
	cmd.AddCommand(p.suppressAddCommand(), p.suppressListCommand(), p.suppressRemoveCommand())
	return cmd
}

func (p *program) suppressAddCommand() *cobra.Command {
	var template, end string
	cmd := &cobra.Command{
		Use:   "add ACCOUNT OPENID [--template T] [--until T]",
		Short: "keeps everything, or one template, from a user",
		Long: `add keeps everything, or with --template one template, from a user; for good, or
with --until until a time. Again for the same template it replaces what stood.
What is being sent right now cannot be called back.`,
		Example: `  enqueue suppress add shop OPENID
  enqueue suppress add shop OPENID --template TEMPLATE --until 30d
  enqueue suppress add shop OPENID --until 2026-12-24T20:00:00+08:00 --json`,
		Args: exactly(2, "enqueue suppress add ACCOUNT OPENID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			s := message.Suppression{OpenID: args[1], Template: template, By: message.ByApp, Replace: true}
			var err error
			if s.Until, err = comes("--until", end, time.Now()); err != nil {
				return err
			}
			return p.suppressions(cmd.Context(), args[0], args[1], func(ctx context.Context, d *desk) error {
				if err := d.Suppress(ctx, args[0], s); err != nil {
					return err
				}
				p.noted(ctx, d, args[0], "suppress", orAll(template), "user "+shortened(args[1]))
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&template, "template", "", "only the template with this `ID` (everything when absent)")
	cmd.Flags().StringVar(&end, "until", "", "until this `TIME`, "+untilHelp+"; for good when absent")
	return cmd
}

func (p *program) suppressListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list ACCOUNT OPENID",
		Short: "shows what a user wants no more, and who says so",
		Long: `list shows what is kept from a user now. BY is app (enqueue suppress, HTTP, Go),
switched_off (WeChat answered 43101) or rejected (WeChat pushed it). With --json
it is one object: {"openid","suppressions":[{"template_id","until","by"}]}`,
		Example: `  enqueue suppress list shop OPENID
  enqueue suppress list shop OPENID --json`,
		Args: exactly(2, "enqueue suppress list ACCOUNT OPENID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.suppressions(cmd.Context(), args[0], args[1], func(context.Context, *desk) error { return nil })
		},
	}
}

func (p *program) suppressRemoveCommand() *cobra.Command {
	var template string
	cmd := &cobra.Command{
		Use:   "remove ACCOUNT OPENID [--template T]",
		Short: "lets messages through again",
		Long: `remove lets messages of one template through again, whoever kept them from the
user, or without --template ends what keeps everything; the other suppressions
stay. Exit 3 when there was none.`,
		Example: `  enqueue suppress remove shop OPENID
  enqueue suppress remove shop OPENID --template TEMPLATE`,
		Args: exactly(2, "enqueue suppress remove ACCOUNT OPENID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.suppressions(cmd.Context(), args[0], args[1], func(ctx context.Context, d *desk) error {
				if err := d.LiftSuppression(ctx, args[0], args[1], template); err != nil {
					return err
				}
				p.noted(ctx, d, args[0], "unsuppress", orAll(template), "user "+shortened(args[1]))
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&template, "template", "", "the template with this `ID` (what keeps everything when absent)")
	return cmd
}

// suppressions does something to a user's suppressions and shows what holds
// then.
func (p *program) suppressions(ctx context.Context, account, openid string, do func(context.Context, *desk) error) error {
	return p.onAccount(ctx, account, func(ctx context.Context, d *desk) error {
		err := do(ctx, d)
		if err != nil {
			return p.unsuppressed(err)
		}
		list, err := d.Suppressions(ctx, account, openid)
		if err != nil {
			return p.unsuppressed(err)
		}
		return p.showSuppressions(account, openid, list)
	})
}

// unsuppressed tells mistakes; what is no mistake is for the caller.
func (p *program) unsuppressed(err error) error {
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
		return p.notSuppressed(failureOf(err))
	}
	return err
}

func (p *program) showSuppressions(account, openid string, list []message.Suppression) error {
	switch {
	case p.asJSON:
		return written(newEncoder(p.stdout).Encode(message.SuppressionsOf(openid, list)))
	case len(list) == 0:
		p.tell("nothing is kept from this user of account %s", account)
		return nil
	}
	t, now := newTable("WHAT", "UNTIL", "BY"), time.Now()
	for _, s := range list {
		what, end := "everything", "for good"
		if s.Template != "" {
			what = s.Template
		}
		if !s.Until.IsZero() {
			end = until(s.Until, now)
		}
		t.AppendRow(table.Row{what, end, s.By})
	}
	return printTable(p.stdout, t)
}

// notSuppressed says why nothing was done, a line a mistake.
func (p *program) notSuppressed(why *failure) error {
	p.tell("%s", why.Message)
	for _, field := range why.Fields {
		if len(why.Fields) > 1 {
			p.tell("  %s", field)
		}
	}
	return refused()
}
