package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat"
)

func (p *program) statusCommand() *cobra.Command {
	asProof := false
	cmd := &cobra.Command{
		Use:   "status ACCOUNT ID…",
		Short: "tells where messages stand, with their history",
		Long: `status tells where messages stand: a table, or whole records with --json.
A single message is shown with its history. Exit 3 when one is not found.

--proof shows what support asks for, to be copied: openid, msgid, rid, WeChat's
code in English and Chinese, the times, WeChat's receipt and the history.`,
		Example: `  enqueue status shop order-1001-paid
  enqueue status shop order-1001-paid order-1002-paid --json
  enqueue status shop order-1001-paid --proof`,
		Args: atLeast(2, "enqueue status ACCOUNT ID…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.status(cmd.Context(), args[0], args[1:], asProof)
		},
	}
	cmd.Flags().BoolVar(&asProof, "proof", false, "what support asks for, instead of a table")
	return cmd
}

// missing is a message that was not found, as --json prints it.
type missing struct {
	ID      string   `json:"id"`
	Account string   `json:"account"`
	Error   *failure `json:"error"`
}

func (p *program) status(ctx context.Context, account string, ids []string, asProof bool) error {
	if !message.ValidAccount(account) {
		return usage("found the account %q; allowed are 1 to 32 lower-case letters, digits and -", account)
	}
	d, err := p.open(ctx)
	if err != nil {
		return err
	}
	defer d.close()
	var records []*message.Record
	lines, absent := newEncoder(p.stdout), false
	for _, id := range ids {
		record, err := d.status(ctx, account, id)
		switch {
		case fault.Is(err, fault.NotFound):
			absent = true
			err = p.tellMissing(lines, missing{id, account, failureOf(err)})
		case err != nil:
			err = d.away(ctx, err)
		case p.asJSON && asProof:
			err = written(lines.Encode(proofOf(explained(record))))
		case p.asJSON:
			err = written(lines.Encode(explained(record)))
		case asProof:
			err = printProof(p.stdout, record)
		default:
			records = append(records, explained(record))
		}
		if err != nil {
			return err
		}
	}
	if err := p.showRecords(records); err != nil {
		return err
	}
	if absent {
		return refused()
	}
	return nil
}

func (p *program) tellMissing(lines *json.Encoder, m missing) error {
	p.tell("%s: %s", m.ID, m.Error.Message)
	if !p.asJSON {
		return nil
	}
	return written(lines.Encode(m))
}

// explained gives WeChat's codes in a record's history their words.
func explained(r *message.Record) *message.Record {
	for i, step := range r.History {
		if step.ErrCode != 0 && step.Meaning == "" {
			r.History[i].Meaning = wechat.Lookup(step.ErrCode).English
		}
	}
	return r
}

// showRecords prints a table, and for a single record its history.
func (p *program) showRecords(records []*message.Record) error {
	if len(records) == 0 {
		return nil
	}
	t := newTable("ID", "KIND", "STATE", "REASON", "ATTEMPTS", "ERRCODE", "SEND AT", "UPDATED")
	for _, r := range records {
		t.AppendRow(table.Row{r.ID, r.Kind, r.State, orDash(r.Reason), r.Attempts, code(r.ErrCode), clock(r.SendAt), clock(r.UpdatedAt)})
	}
	if err := printTable(p.stdout, t); err != nil || len(records) > 1 {
		return err
	}
	if _, err := fmt.Fprintln(p.stdout); err != nil {
		return written(err)
	}
	history := newTable("AT", "STATE", "REASON", "ERRCODE", "MEANING")
	for _, step := range records[0].History {
		history.AppendRow(table.Row{clock(step.At), step.State, orDash(step.Reason), code(step.ErrCode), step.Meaning})
	}
	return printTable(p.stdout, history)
}

func clock(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format(time.RFC3339)
}

func code(errcode int) string {
	if errcode == 0 {
		return "-"
	}
	return fmt.Sprint(errcode)
}
