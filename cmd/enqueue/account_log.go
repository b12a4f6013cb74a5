package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"wxdispatch/internal/ledger"
)

func (p *program) accountLogCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "log ACCOUNT",
		Short: "shows what was done to an account, by whom and why",
		Long: `log shows the last 500 things that were done to an account, newest first, with who
or what did it: parks and their ends, rates, quotas, clears of WeChat's quota, ends
of doubts (the account's in_doubt rule included), replays, batches that were begun,
paused, resumed or cancelled, templates, and what commands did to single messages,
permits and suppressions. What apps do of those by the HTTP API, which is their
daily work, stands in the log of enqueue serve, with the key's name.`,
		Example: "  enqueue account log shop\n  enqueue account log shop --json",
		Args:    exactly(1, "enqueue account log ACCOUNT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.onAccount(cmd.Context(), args[0], func(ctx context.Context, d *desk) error {
				entries, err := d.office.Operator.Log(ctx, args[0])
				if err != nil {
					return err
				}
				return p.printLog(args[0], entries)
			})
		},
	}
}

// logLine is one entry, as --json prints it.
type logLine struct {
	At     time.Time `json:"at"`
	What   string    `json:"what"`
	Kind   string    `json:"kind"` // * for all
	By     string    `json:"by,omitempty"`
	Who    string    `json:"who,omitempty"`
	Reason string    `json:"reason,omitempty"`
	Words  string    `json:"words,omitempty"`
	Code   int       `json:"errcode,omitempty"`
	ErrMsg string    `json:"errmsg,omitempty"`
	RID    string    `json:"rid,omitempty"`
	Host   string    `json:"host,omitempty"`
}

func (p *program) printLog(account string, entries []ledger.LogEntry) error {
	if len(entries) == 0 && !p.asJSON {
		p.tell("nothing was done to account %s yet", account)
		return nil
	}
	t, lines := newTable("AT", "WHAT", "KIND", "WHO", "WHY"), newEncoder(p.stdout)
	for _, e := range entries {
		i := e.Info
		if p.asJSON {
			line := logLine{e.At, e.What, e.Scope, i.By, i.Who, e.Reason, i.Words, i.ErrCode, i.ErrMsg, i.RID, i.Host}
			if err := written(lines.Encode(line)); err != nil {
				return err
			}
			continue
		}
		who := i.Who
		if who == "" {
			who = i.By
		}
		t.AppendRow(table.Row{clock(e.At), e.What, e.Scope, orDash(who), orDash(whyLogged(e))})
	}
	if p.asJSON {
		return nil
	}
	return printTable(p.stdout, t)
}

func whyLogged(e ledger.LogEntry) string {
	text := e.Reason
	if e.Info.Words != "" {
		text += ": " + e.Info.Words
	}
	if e.Info.ErrCode != 0 {
		text += fmt.Sprintf(": %d %s", e.Info.ErrCode, e.Info.ErrMsg)
	}
	return text
}
