package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/intake"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
)

func (p *program) permitRemoveCommand() *cobra.Command {
	var code, template string
	count := 0
	cmd := &cobra.Command{
		Use:   "remove ACCOUNT OPENID (--code C | --template T)",
		Short: "takes a permit back, as of a payment that was refunded",
		Long: `remove takes back what must not be used any more: a form or a payment by its code,
for good, or a user's consents to a template, all or some.

A message that waits and holds a use of it is not sent with it: one that took it
from the user's pool takes the next one there or, when there is none, ends as
unpermitted; so does one that names it in its body. Where the account only
observes consents, a subscription message goes all the same. What is being sent
right now cannot be called back. With --count only consents that no message holds
are taken; to take all back always succeeds. Exit 3 when there was nothing to remove.`,
		Example: `  enqueue permit remove mini OPENID --code wx221200001001
  enqueue permit remove mini OPENID --template TEMPLATE
  enqueue permit remove mini OPENID --template TEMPLATE --count 1 --json`,
		Args: exactly(2, "enqueue permit remove ACCOUNT OPENID --code C, or --template T"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("count") && (count < 1 || count > message.MaxConsents) {
				return usage("--count found %d; allowed are 1 to %d; leave it out to remove all", count, message.MaxConsents)
			}
			if (code == "") == (template == "") {
				return usage("give --code of a form or payment, or --template of consents, one of the two and not empty")
			}
			if code != "" && count > 0 {
				return usage("--count is for consents; a form or payment is taken back as a whole")
			}
			return p.permitRemove(cmd.Context(), args[0], permit.Grant{OpenID: args[1], Code: code, Template: template, Count: count})
		},
	}
	cmd.Flags().StringVar(&code, "code", "", "the form_id or prepay_id to take back (`C`)")
	cmd.Flags().StringVar(&template, "template", "", "the template's `ID` whose consents are taken back")
	cmd.Flags().IntVar(&count, "count", 0, "only `N` consents (all when absent)")
	return cmd
}

// removal is what became of a permit, as --json prints it.
type removal struct {
	Account  string `json:"account"`
	OpenID   string `json:"openid"`
	Code     string `json:"code,omitempty"`
	Template string `json:"template_id,omitempty"`
	Removed  bool   `json:"removed"`
	Lost     int    `json:"lost"` // form, payment: uses that were left
	Left     int    `json:"left"` // consents of the template that are left

	Error *failure `json:"error,omitempty"`
}

func (p *program) permitRemove(ctx context.Context, account string, g permit.Grant) error {
	d, err := p.openFor(ctx, account)
	if err != nil {
		return err
	}
	defer d.close()
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	done, err := d.RemovePermit(patient, account, g)
	switch {
	case fault.Is(err, fault.Unavailable):
		return ours("%w\n  it may have been removed or not: look with enqueue permit list %s %s", d.away(ctx, err), account, g.OpenID)
	case err != nil && !fault.Is(err, fault.NotFound):
		return err
	}
	if err == nil {
		p.noted(ctx, d, account, "permit_remove", orAll(g.Template), "user "+shortened(g.OpenID))
	}
	if told := p.tellRemoval(account, done, g.Count == 0, err); told != nil {
		return told
	}
	if err != nil {
		return refused()
	}
	return nil
}

// tellRemoval tells what became of a permit; all: every consent of its template
// was meant.
func (p *program) tellRemoval(account string, done intake.Removed, all bool, err error) error {
	if err != nil {
		p.tell("%s", failureOf(err).Message)
	}
	if p.asJSON {
		return written(newEncoder(p.stdout).Encode(removal{Account: account, OpenID: done.OpenID, Code: done.Code, Template: done.Template,
			Removed: err == nil, Lost: done.Lost, Left: done.Left, Error: failureOf(err)}))
	}
	if err != nil {
		return nil
	}
	_, failed := fmt.Fprintln(p.stdout, removedText(done, all))
	return written(failed)
}

// removedText is a removal in words.
func removedText(done intake.Removed, all bool) string {
	const holders = "a waiting message that holds one takes another of the user's, or ends as unpermitted"
	switch {
	case done.Template == "":
		return fmt.Sprintf("%s is removed; uses that were left of it: %d; %s", done.Code, done.Lost, holders)
	case all:
		return fmt.Sprintf("all consents to %s are removed, also those that waiting messages hold", done.Template)
	}
	return fmt.Sprintf("consents to %s are removed; left: %d", done.Template, done.Left)
}
