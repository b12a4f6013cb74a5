package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"wxdispatch/internal/message"
	"wxdispatch/internal/standing"
	"wxdispatch/internal/template"
)

func (p *program) accountListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "shows all accounts and kinds in short",
		Long: `list shows each account and kind: whether it sends or why not, how much waits, and
when that is done. With --json each account is one object, as account show --json.`,
		Example: "  enqueue account list\n  enqueue account list --json",
		Args:    exactly(0, "enqueue account list"),
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.accountList(cmd.Context()) },
	}
}

func (p *program) accountList(ctx context.Context) error {
	d, err := p.open(ctx)
	if err != nil {
		return err
	}
	defer d.close()
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	reports, err := d.office.Operator.List(patient)
	switch {
	case err != nil:
		return d.orAway(ctx, err)
	case len(reports) == 0:
		p.tell("no account is known; start a worker once, which announces its accounts, or name them in the configuration")
		return nil
	}
	t, lines := newTable("ACCOUNT", "KIND", "STATE", "WHY", "UNTIL", "WAIT", "DONE"), newEncoder(p.stdout)
	for _, r := range reports {
		if p.asJSON {
			if err := written(lines.Encode(r)); err != nil {
				return err
			}
			continue
		}
		for _, kind := range r.Order() {
			l := r.Kinds[kind]
			why, until := "-", "-"
			if l.Park != nil {
				why, until = l.Park.Reason, ends(*l.Park)
			}
			t.AppendRow(table.Row{r.Name, kind, l.State, why, until, l.Due(), clock(l.ETA)})
		}
	}
	if p.asJSON {
		return nil
	}
	return printTable(p.stdout, t)
}

func (p *program) accountShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show ACCOUNT",
		Short: "shows what an account does, and if it does not send, why",
		Long: `show answers, kind by kind: does it send? If not, who or what parked it, why, since
when, until when, and when is it tried next? How much waits, and when is that
done? How much of the day's quota is used, and when does it start anew? How old
is the access_token, and what did WeChat tell of messages in the last hour?

WAIT counts what may go now, SCHEDULED what waits for its send_at. DONE is reckoned
from the rate and the quota, and is missing where nobody knows when a park ends.`,
		Example: "  enqueue account show shop\n  enqueue account show shop --json",
		Args:    exactly(1, "enqueue account show ACCOUNT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.onAccount(cmd.Context(), args[0], func(ctx context.Context, d *desk) error { return p.accountShow(ctx, d, args[0]) })
		},
	}
}

func (p *program) accountShow(ctx context.Context, d *desk, account string) error {
	r, err := d.office.Operator.Show(ctx, account)
	if err != nil {
		return err
	}
	if p.asJSON {
		return written(newEncoder(p.stdout).Encode(r))
	}
	t := newTable("KIND", "STATE", "WAIT", "SCHEDULED", "IN DOUBT", "OLDEST", "DONE", "USED TODAY", "QUOTA", "RESETS")
	for _, kind := range r.Order() {
		l := r.Kinds[kind]
		oldest := "-"
		if l.OldestS > 0 {
			oldest = span(time.Duration(l.OldestS) * time.Second)
		}
		t.AppendRow(table.Row{kind, l.State, l.Due(), l.Backlog.Scheduled, l.Backlog.InDoubt, oldest, clock(l.ETA),
			l.Quota.Used, limit(l.Quota), clock(l.Quota.ResetsAt)})
	}
	if err := printTable(p.stdout, t); err != nil {
		return err
	}
	if err := p.showParks(r, time.Now()); err != nil {
		return err
	}
	for _, park := range r.Templates {
		if _, err := fmt.Fprintf(p.stdout, "template %s takes nothing since %s (%s): %s; until somebody ends it with enqueue template unpark\n",
			park.Template, clock(park.Since), span(time.Since(park.Since)), park); err != nil {
			return written(err)
		}
	}
	if slices.ContainsFunc(r.Templates, func(t template.Park) bool { return t.By == "wechat" }) {
		if _, err := fmt.Fprintln(p.stdout, ladder); err != nil {
			return written(err)
		}
	}
	for _, line := range []string{tokenLine(r.Token), receiptsLine(r.Receipts)} {
		if _, err := fmt.Fprintln(p.stdout, line); err != nil {
			return written(err)
		}
	}
	return nil
}

// ladder is what WeChat does to who goes on breaking its rules.
const ladder = "WeChat punishes in steps: the template is deleted; the interface is banned for 7 days; for 30 days; for good. Mend what it names before the template is used again (enqueue template lint)."

// tokenLine says how the access_token stands.
func tokenLine(t *standing.Token) string {
	if t == nil {
		return "access_token: none was asked for yet"
	}
	in := func(seconds int) string { return span(time.Duration(seconds) * time.Second) }
	text := "access_token: none"
	if t.ExpiresInS > 0 {
		text = fmt.Sprintf("access_token (%s): %s old, good for %s, a new one in %s", t.Mode, in(t.AgeS), in(t.ExpiresInS), in(t.RenewsInS))
	}
	if t.Trouble == "" {
		return text
	}
	if t.ErrCode != 0 {
		return text + fmt.Sprintf("; the last fetch failed: %s (errcode %d); tried again in %s", t.Trouble, t.ErrCode, in(t.TriedInS))
	}
	return text + fmt.Sprintf("; the last fetch failed: %s; tried again in %s", t.Trouble, in(t.TriedInS))
}

// receiptsLine says what WeChat told of messages in the last hour.
func receiptsLine(r standing.Receipts) string {
	if len(r.Statuses) == 0 {
		return "receipts of the last hour: none"
	}
	var words []string
	for _, status := range slices.Sorted(maps.Keys(r.Statuses)) {
		words = append(words, fmt.Sprintf("%d %s", r.Statuses[status], status))
	}
	return fmt.Sprintf("receipts of the last hour: %s; %.1f s after the send on average", strings.Join(words, ", "), r.LateS)
}

// showParks says in words what stops each kind, what stops all kinds once.
func (p *program) showParks(r standing.Account, now time.Time) error {
	told := map[string]bool{}
	for _, kind := range r.Order() {
		l := r.Kinds[kind]
		if l.State == standing.Paused {
			if _, err := fmt.Fprintf(p.stdout, "%s is paused in the web UI; resume it there\n", kind); err != nil {
				return written(err)
			}
		}
		if l.Park == nil {
			continue
		}
		for _, park := range append([]standing.Park{*l.Park}, l.Others...) {
			text := sentence(kind, park, now)
			if told[text] {
				continue
			}
			told[text] = true
			if _, err := fmt.Fprintln(p.stdout, text); err != nil {
				return written(err)
			}
		}
	}
	return nil
}

// sentence is what a person at 23:50 asks: what is parked, by whom and why,
// since when, until when.
func sentence(kind message.Kind, park standing.Park, now time.Time) string {
	what, by := string(kind)+" is parked", park.By
	if park.AllKinds {
		what = "all kinds are parked"
	}
	if park.Who != "" {
		by = park.Who
	}
	text := fmt.Sprintf("%s by %s since %s (%s): %s", what, by, clock(park.Since), span(now.Sub(park.Since)), park.Words)
	var facts []string
	if park.ErrCode != 0 {
		facts = append(facts, fmt.Sprintf("errcode %d", park.ErrCode))
	}
	if park.RID != "" {
		facts = append(facts, "rid "+park.RID)
	}
	if park.Host != "" {
		facts = append(facts, "met by "+park.Host)
	}
	if len(facts) > 0 {
		text += " (" + strings.Join(facts, ", ") + ")"
	}
	switch {
	case !park.Until.IsZero():
		text += "; until " + until(park.Until, now)
	case park.NextProbe.IsZero():
		text += "; until somebody ends it with enqueue account unpark"
	default:
		text += "; until a try is answered well"
	}
	if park.NextProbe.After(now) && !park.NextProbe.Equal(park.Until) {
		text += "; tried next at " + until(park.NextProbe, now)
	}
	return text
}

func ends(park standing.Park) string {
	switch {
	case !park.Until.IsZero():
		return clock(park.Until)
	case park.NextProbe.IsZero():
		return "somebody ends it"
	}
	return "a try is answered"
}

func limit(q standing.Quota) string {
	if q.Limit == nil {
		return "-"
	}
	return fmt.Sprint(*q.Limit)
}
