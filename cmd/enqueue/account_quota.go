package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/gateway"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat"
)

// clearsUsedUp is WeChat's errcode for an eleventh clear of a month.
const clearsUsedUp = 48006

// clearsAMonth is how often WeChat clears a quota in a month, the web console's
// button included.
const clearsAMonth = 10

func (p *program) accountQuotaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "quota ACCOUNT",
		Short: "shows the day's quotas: ours, and WeChat's own figures beside them",
		Long: `quota shows of each kind how many calls of today (UTC+8) count, how many are left
and when the count starts anew: as wxdispatch counts for all its workers, and as
WeChat itself says (about 1 % off). WeChat's figures need the account's secret in
the configuration; without it they are missing, and standard error says why.`,
		Example: "  enqueue account quota shop\n  enqueue account quota shop --json",
		Args:    exactly(1, "enqueue account quota ACCOUNT"),
		RunE:    func(cmd *cobra.Command, args []string) error { return p.accountQuota(cmd.Context(), args[0]) },
	}
}

// quotaLine is one kind's day, as --json prints it.
type quotaLine struct {
	Account  string        `json:"account"`
	Kind     message.Kind  `json:"kind"`
	Used     int           `json:"used"`
	Left     *int          `json:"left"`  // nil: no limit of ours
	Limit    *int          `json:"limit"` // nil: no limit of ours
	ResetsAt time.Time     `json:"resets_at"`
	WeChat   *wechat.Quota `json:"wechat,omitempty"`
	Error    *failure      `json:"error,omitempty"` // why WeChat's figures are missing
}

func (p *program) accountQuota(ctx context.Context, account string) error {
	d, err := p.openFor(ctx, account)
	if err != nil {
		return err
	}
	defer d.close()
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := d.office.Operator.Show(patient, account)
	if err != nil {
		return d.orAway(ctx, err)
	}
	var lines []quotaLine
	for _, kind := range r.Order() {
		q := r.Kinds[kind].Quota
		line := quotaLine{Account: account, Kind: kind, Used: q.Used, Limit: q.Limit, ResetsAt: q.ResetsAt}
		if left, limited := q.Left(); limited {
			line.Left = &left
		}
		lines = append(lines, line)
	}
	p.askWeChat(ctx, d, account, lines)
	return p.printQuotas(lines)
}

// askWeChat puts WeChat's own figures beside ours; what fails is told once.
func (p *program) askWeChat(ctx context.Context, d *desk, account string, lines []quotaLine) {
	fail := func(i int, err error) {
		if lines[i].Error = failureOf(err); i == 0 || lines[i-1].Error == nil || lines[i-1].Error.Message != lines[i].Error.Message {
			p.tell("WeChat's own figures are missing: %s", lines[i].Error.Message)
		}
	}
	meter, err := gateway.NewMeter(d.cfg, account, d.redis)
	if err == nil {
		defer meter.Close()
	}
	for i := range lines {
		if err != nil {
			fail(i, err)
			continue
		}
		figures, asked := meter.Quota(ctx, lines[i].Kind)
		if asked != nil {
			fail(i, asked)
			continue
		}
		lines[i].WeChat = &figures
	}
}

func (p *program) printQuotas(lines []quotaLine) error {
	t, encoder := newTable("KIND", "USED", "LEFT", "LIMIT", "RESETS", "WECHAT USED", "WECHAT LEFT", "WECHAT LIMIT"), newEncoder(p.stdout)
	number := func(n *int) string {
		if n == nil {
			return "-"
		}
		return fmt.Sprint(*n)
	}
	for _, line := range lines {
		if p.asJSON {
			if err := written(encoder.Encode(line)); err != nil {
				return err
			}
			continue
		}
		used, left, most := "-", "-", "-"
		if w := line.WeChat; w != nil {
			used, left, most = fmt.Sprint(w.Used), fmt.Sprint(w.Left), fmt.Sprint(w.Limit)
		}
		t.AppendRow(table.Row{line.Kind, line.Used, number(line.Left), number(line.Limit), clock(line.ResetsAt), used, left, most})
	}
	if p.asJSON {
		return nil
	}
	return printTable(p.stdout, t)
}

func (p *program) accountClearCommand() *cobra.Command {
	yes := false
	cmd := &cobra.Command{
		Use:   "clear-quota ACCOUNT",
		Short: "has WeChat count the day anew, which it does ten times a month",
		Long: `clear-quota asks WeChat to count the calls of the day anew, of all interfaces of the
account, starts our own count anew, and ends the parks that used-up quotas are the
reason of. WeChat does that 10 times a month, the button in its web console
included; it asks first, unless --yes. Exit 3 when WeChat refuses.`,
		Example: "  enqueue account clear-quota shop\n  enqueue account clear-quota shop --yes",
		Args:    exactly(1, "enqueue account clear-quota ACCOUNT"),
		RunE:    func(cmd *cobra.Command, args []string) error { return p.accountClear(cmd.Context(), args[0], yes) },
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// cleared is what became of it, as --json prints it.
type cleared struct {
	Account  string   `json:"account"`
	Cleared  bool     `json:"cleared"`
	Used     int      `json:"used"` // of the month's ten, through wxdispatch
	Unparked int      `json:"unparked"`
	Error    *failure `json:"error,omitempty"`
}

func (p *program) accountClear(ctx context.Context, account string, yes bool) error {
	d, err := p.openFor(ctx, account)
	if err != nil {
		return err
	}
	defer d.close()
	meter, err := gateway.NewMeter(d.cfg, account, d.redis)
	if err != nil {
		return err
	}
	defer meter.Close()
	used, err := d.office.Book.Clears(ctx, account)
	if err != nil {
		return d.orAway(ctx, err)
	}
	willing, err := p.confirmed(ctx, fmt.Sprintf("WeChat counts the day of account %s anew; %d of the month's %d were used through wxdispatch so far",
		account, used, clearsAMonth), yes)
	if err != nil || !willing {
		return err
	}
	out := cleared{Account: account, Used: used}
	if err := meter.Clear(ctx); err != nil {
		return p.notCleared(out, err)
	}
	info := ledger.ParkInfo{By: "operator", Who: p.who()}
	if out.Used, err = d.office.Book.Cleared(ctx, account, info); err == nil {
		out.Unparked, err = d.office.Book.Unpark(ctx, account, "", "clear_quota", info, "daily", "minute", ledger.Quota)
	}
	if err != nil {
		return ours("%w\n  WeChat has cleared the quota; end the parks with enqueue account unpark %s", d.away(ctx, err), account)
	}
	out.Cleared = true
	if p.asJSON {
		return written(newEncoder(p.stdout).Encode(out))
	}
	_, err = fmt.Fprintf(p.stdout, "WeChat counts the day of %s anew: %d of the month's %d used through wxdispatch; %d parks ended\n",
		account, out.Used, clearsAMonth, out.Unparked)
	return written(err)
}

// notCleared tells why not: WeChat's refusal is exit 3, everything else ours.
func (p *program) notCleared(out cleared, err error) error {
	out.Error = failureOf(err)
	var f *fault.Error
	if errors.As(err, &f) && f.Code == clearsUsedUp {
		out.Error.Message = fmt.Sprintf("WeChat refuses: the %d of this month are used up, its web console's button included (errcode %d); wait for the next month, or for 00:00 UTC+8",
			clearsAMonth, clearsUsedUp)
	}
	if p.asJSON {
		if err := written(newEncoder(p.stdout).Encode(out)); err != nil {
			return err
		}
	}
	p.tell("not cleared: %s", out.Error.Message)
	if f != nil && f.Code != 0 {
		return refused()
	}
	return &ending{code: exitOurs}
}
