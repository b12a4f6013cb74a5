package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"wxdispatch/internal/message"
)

func (p *program) replayCommand() *cobra.Command {
	yes := false
	cmd := &cobra.Command{
		Use:   "replay ACCOUNT [ID…]",
		Short: "sends messages that ended badly again",
		Long: `replay sends messages that ended badly again: those with the ids, or every bad
end that the flags pick (without any: all of the account). Each starts a new
life under its id, with its history kept; what WeChat refused for good will be
refused again unless something has changed meanwhile.

With flags it counts first and asks; --yes goes on without. Each bad end from
before the command began is sent once, so it may be interrupted and repeated.
Doubts are left out: what may have arrived is for enqueue resolve. A message
whose expires_at is over, or whose content is no longer kept (message.keep), is
told and passed over.

Exit 0 when all were replayed, 3 when one was not.`,
		Example: `  enqueue replay shop --state failed --since 24h
  enqueue replay shop --errcode 43116 --template TEMPLATE --yes
  enqueue replay shop order-1001-paid`,
		Args: atLeast(1, "enqueue replay ACCOUNT [ID…]"),
	}
	filters := addFilterFlags(cmd.Flags(), true)
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return p.replayIDs(cmd.Context(), args[0], args[1:], filters)
		}
		return p.replayPicked(cmd.Context(), args[0], filters, yes)
	}
	return cmd
}

func (p *program) replayIDs(ctx context.Context, account string, ids []string, filters *filterFlags) error {
	if filters.given() {
		return usage("found ids beside flags that pick; give one of the two")
	}
	d, err := p.openFor(ctx, account)
	if err != nil {
		return err
	}
	defer d.close()
	replayed := 0
	defer func() { p.notedCount(ctx, d, account, "replay", replayed) }()
	return p.changeIDs(ctx, d, account, ids, func(ctx context.Context, id string) (message.State, error) {
		state, err := d.Replay(ctx, account, id)
		if err == nil {
			replayed++
		}
		return state, err
	})
}

func (p *program) replayPicked(ctx context.Context, account string, filters *filterFlags, yes bool) error {
	filter, err := filters.filter(time.Now())
	if err != nil {
		return err
	}
	if filter.State == message.InDoubt {
		return usage("doubts are not replayed, since they may have arrived; write enqueue resolve %s with --sent, --resend or --drop", account)
	}
	d, err := p.openFor(ctx, account)
	if err != nil {
		return err
	}
	defer d.close()
	b := selection{program: p, desk: d, account: account, filter: filter, yes: yes, done: "replayed"}
	b.leaves = func(r *message.Record) bool { return r.State == message.InDoubt }
	b.asks = func(chosen tally) string { return replayQuestion(account, chosen) }
	b.do = func(ctx context.Context, r *message.Record) (message.State, error) {
		return d.office.Replayer.ReplayEnd(ctx, r, b.at)
	}
	err = b.run(ctx)
	p.notedCount(ctx, d, account, "replay", b.changed)
	return err
}

func replayQuestion(account string, chosen tally) string {
	doubts, text := chosen[message.InDoubt], ""
	if n := chosen.all() - doubts; n == 0 {
		text = fmt.Sprintf("account %s has no such bad end", account)
	} else {
		sent := tally{}
		for state, of := range chosen {
			if state != message.InDoubt {
				sent[state] = of
			}
		}
		text = fmt.Sprintf("%d messages of account %s would be sent again (%s)", n, account, sent.words())
	}
	if doubts > 0 {
		text += fmt.Sprintf("; %d in doubt are left out, which enqueue resolve is for", doubts)
	}
	return text
}
