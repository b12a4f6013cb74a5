package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

// resolve is one run of the command.
type resolve struct {
	*program
	filters            *filterFlags
	sent, resend, drop bool
	yes                bool
}

func (p *program) resolveCommand() *cobra.Command {
	r := &resolve{program: p}
	cmd := &cobra.Command{
		Use:   "resolve ACCOUNT [ID…] --sent|--resend|--drop",
		Short: "ends doubts, as somebody who knows says",
		Long: `resolve ends doubts: messages that were sent perhaps, because WeChat's answer
never came. Only a person can know, from the user or from WeChat's receipts:

  --sent    it arrived; it counts as accepted
  --resend  it did not arrive; it is sent again
  --drop    leave it; it counts as failed, and may be replayed later

It ends the doubts with the ids, or every doubt that the flags pick (without
any: all of the account). With flags it counts first and asks; --yes goes on
without. It may be interrupted and repeated.

Exit 0 when all were ended, 3 when one was not.`,
		Example: `  enqueue resolve shop order-1001-paid --sent
  enqueue resolve shop --kind bizsend --since 2h --resend
  enqueue resolve shop --until 7d --drop --yes`,
		Args: atLeast(1, "enqueue resolve ACCOUNT [ID…] --sent|--resend|--drop"),
		RunE: func(cmd *cobra.Command, args []string) error { return r.run(cmd.Context(), args[0], args[1:]) },
	}
	r.filters = addFilterFlags(cmd.Flags(), false)
	cmd.Flags().BoolVar(&r.sent, "sent", false, "it arrived: accepted")
	cmd.Flags().BoolVar(&r.resend, "resend", false, "it did not: send it again")
	cmd.Flags().BoolVar(&r.drop, "drop", false, "leave it: failed")
	cmd.Flags().BoolVar(&r.yes, "yes", false, "do not ask")
	return cmd
}

// how is the one way that was named.
func (r *resolve) how() (ledger.Resolution, error) {
	var named []string
	how := ledger.Resolution("")
	for _, way := range []struct {
		set bool
		how ledger.Resolution
	}{{r.sent, ledger.Sent}, {r.resend, ledger.Resend}, {r.drop, ledger.Drop}} {
		if way.set {
			how, named = way.how, append(named, "--"+string(way.how))
		}
	}
	switch len(named) {
	case 0:
		return "", usage("say how the doubts end: --sent (it arrived), --resend (send it again) or --drop (leave it)")
	case 1:
		return how, nil
	}
	return "", usage("found %s; a doubt ends in one way", strings.Join(named, " and "))
}

func (r *resolve) run(ctx context.Context, account string, ids []string) error {
	how, err := r.how()
	if err != nil {
		return err
	}
	filter, err := r.filters.filter(time.Now())
	if err != nil {
		return err
	}
	if len(ids) > 0 && r.filters.given() {
		return usage("found ids beside flags that pick; give one of the two")
	}
	d, err := r.openFor(ctx, account)
	if err != nil {
		return err
	}
	defer d.close()
	resolved := 0
	end := func(ctx context.Context, id string) (message.State, error) {
		state, err := d.Resolve(ctx, account, id, how)
		if err == nil {
			resolved++
		}
		return state, err
	}
	defer func() { d.office.Doubts.Note(ctx, account, how, r.who(), resolved) }()
	if len(ids) > 0 {
		return r.changeIDs(ctx, d, account, ids, end)
	}
	filter.State = message.InDoubt
	b := selection{program: r.program, desk: d, account: account, filter: filter, yes: r.yes, done: "resolved"}
	b.leaves = func(*message.Record) bool { return false }
	b.asks = func(chosen tally) string { return resolveQuestion(account, how, chosen.all()) }
	b.do = func(ctx context.Context, record *message.Record) (message.State, error) { return end(ctx, record.ID) }
	return b.run(ctx)
}

func resolveQuestion(account string, how ledger.Resolution, n int) string {
	then := map[ledger.Resolution]string{
		ledger.Sent: "would count as accepted", ledger.Resend: "would be sent again", ledger.Drop: "would be left as failed",
	}[how]
	if n == 0 {
		return fmt.Sprintf("account %s has no such doubt", account)
	}
	return fmt.Sprintf("%d doubts of account %s %s", n, account, then)
}
