package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wxdispatch/internal/message"
)

func (p *program) accountCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "account",
		Short: "tells how accounts stand; parks, unparks and changes their pace and quotas",
		Long: `account tells of each account and kind whether it sends, and if not, who or what
parked it, why, since when and until when, how much waits and when that is done.

A lane is parked by WeChat's answers (used-up quotas, a refused account, an
outage), by the account's own daily_quota, or by a person with account park.
What is parked keeps its messages; none is lost, and none costs an attempt.`,
		Example: `  enqueue account list
  enqueue account show shop
  enqueue account park shop --kind template --reason "wrong text" --until 2h
  enqueue account unpark shop --kind template`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("found account %q; write account list, show, park, unpark, set, quota, clear-quota or log", args[0])
			}
			_, _ = fmt.Fprint(p.stderr, cmd.UsageString())
			return usage("account list, show, park, unpark, set, quota, clear-quota or log is missing")
		},
	}
	cmd.AddCommand(p.accountListCommand(), p.accountShowCommand(), p.accountParkCommand(), p.accountUnparkCommand(),
		p.accountSetCommand(), p.accountQuotaCommand(), p.accountClearCommand(), p.accountLogCommand())
	return cmd
}

// who is the person at this terminal, as logs name it; behind sudo it is who
// asked for it.
func (p *program) who() string {
	user := "somebody"
	for _, variable := range []string{"USER=", "SUDO_USER="} {
		for _, v := range p.environ {
			if name, is := strings.CutPrefix(v, variable); is && name != "" {
				user = name
			}
		}
	}
	host, err := os.Hostname()
	if err != nil {
		return user
	}
	return user + "@" + host
}

// onAccount works at an account's desk, within the time that one trip may cost.
func (p *program) onAccount(ctx context.Context, account string, work func(ctx context.Context, d *desk) error) error {
	d, err := p.openFor(ctx, account)
	if err != nil {
		return err
	}
	defer d.close()
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return d.orAway(ctx, work(patient, d))
}

// kindOf reads --kind; empty: all.
func kindOf(text string) (message.Kind, error) {
	kind := message.Kind(text)
	if text != "" && !kind.Valid() {
		return "", usage("--kind found %q; allowed are %v", text, message.Kinds())
	}
	return kind, nil
}

// untilHelp is how a time to come is written.
const untilHelp = "as 2026-11-22T20:00:00+08:00, 2026-11-22 (its end), 08:00 (the next one) or 2h, 30d (from now)"

// comes reads a time to come: RFC 3339, a day up to its end, a time of day of
// the local time zone, or how long from now. Empty is no time at all.
func comes(flag, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if d, ok := duration(text); ok && d > 0 && d <= longestAgo {
		return now.Add(d), nil
	}
	if of, err := time.Parse("15:04", text); err == nil {
		y, m, d := now.Date()
		at := time.Date(y, m, d, of.Hour(), of.Minute(), 0, 0, now.Location())
		if !at.After(now) {
			at = time.Date(y, m, d+1, of.Hour(), of.Minute(), 0, 0, now.Location())
		}
		return at, nil
	}
	if _, relative := duration(text); !relative {
		at, ok := when(text, now, true)
		switch {
		case ok && at.After(now):
			return at, nil
		case ok:
			return time.Time{}, usage("%s found %q, which is over already; write a time to come, %s", flag, text, untilHelp)
		}
	}
	return time.Time{}, usage("%s found %q; write a time to come, %s", flag, text, untilHelp)
}
