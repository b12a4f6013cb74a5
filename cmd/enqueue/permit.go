package main

import (
	"fmt"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"wxdispatch/internal/intake"
	"wxdispatch/internal/message"
)

func (p *program) permitCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "permit",
		Short: "adds, lists and removes what WeChat's rules let an app send",
		Long: `permit keeps the permits that users hand out: a submitted form's form_id (good
for 1 message, 7 days), a payment's prepay_id (3 messages, 7 days), and consents
to messages of a template (subscriptions: counted, without an end).

A wxopen message, or a uniform one with a mini program part, that names no
form_id takes the user's permit that ends first; subscription messages spend
consents as the account's key consents says.`,
		Example: `  enqueue permit add mini OPENID --code FORM_ID
  enqueue permit list mini OPENID
  enqueue permit remove mini OPENID --code PREPAY_ID`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("found permit %q; write permit add, list or remove", args[0])
			}
			_, _ = fmt.Fprint(p.stderr, cmd.UsageString())
			return usage("permit add, list or remove is missing")
		},
	}
	cmd.AddCommand(p.permitAddCommand(), p.permitListCommand(), p.permitRemoveCommand())
	return cmd
}

// grantOutcome is what became of one permit, as --json prints it.
type grantOutcome struct {
	Account   string             `json:"account"`
	OpenID    string             `json:"openid"`
	Type      message.PermitType `json:"type"`
	Code      string             `json:"code,omitempty"`
	Template  string             `json:"template_id,omitempty"`
	Left      int                `json:"left"`
	ExpiresAt time.Time          `json:"expires_at,omitzero"`
	Known     bool               `json:"known"`
	Source    string             `json:"source,omitempty"` // where it was written
	Error     *failure           `json:"error,omitempty"`
}

func grantOutcomeOf(account, source string, g intake.Granted, err error) grantOutcome {
	return grantOutcome{Account: account, OpenID: g.OpenID, Type: g.Type, Code: g.Code, Template: g.Template, Left: g.Left,
		ExpiresAt: g.ExpiresAt, Known: g.Known, Source: source, Error: failureOf(err)}
}

// complainGrant says what is wrong with a permit, a line a mistake, each with
// its place.
func (p *program) complainGrant(o grantOutcome) {
	switch {
	case o.Error == nil:
	case len(o.Error.Fields) == 0:
		p.tell("%s: %s", o.Source, o.Error.Message)
	default:
		for _, field := range o.Error.Fields {
			p.tell("%s: %s", o.Source, field)
		}
	}
}

// showGrant prints what became of the one permit of a command line.
func (p *program) showGrant(o grantOutcome) error {
	if p.asJSON {
		return written(newEncoder(p.stdout).Encode(o))
	}
	if o.Error != nil {
		return nil
	}
	t, ends, note := newTable("TYPE", "CODE", "TEMPLATE", "LEFT", "EXPIRES", "NOTE"), until(o.ExpiresAt, time.Now()), "added"
	if o.Known {
		note = "known already"
		if o.Type != message.ConsentPermit {
			ends = "as before"
		}
	}
	t.AppendRow(table.Row{o.Type, orDash(o.Code), orDash(o.Template), o.Left, ends, note})
	return printTable(p.stdout, t)
}

// until is when something ends, and in how long.
func until(end, now time.Time) string {
	if end.IsZero() {
		return "-"
	}
	return fmt.Sprintf("%s (in %s)", clock(end), span(end.Sub(now)))
}

// span is a duration as people say it, in its two largest units.
func span(d time.Duration) string {
	days, hours, minutes := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60
	switch {
	case days > 0:
		return fmt.Sprintf("%dd %dh", days, hours)
	case hours > 0:
		return fmt.Sprintf("%dh %dm", hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%dm", minutes)
	}
	return "less than a minute"
}
