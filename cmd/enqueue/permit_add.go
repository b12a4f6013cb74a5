package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/message"
	"wxdispatch/internal/permit"
)

// permitFlags are the flags that make one permit.
type permitFlags struct {
	set                      *pflag.FlagSet
	kind, code, template, at string
	count                    int
	file                     string
}

// permitNames are the flags that a file has no use for.
var permitNames = []string{"type", "code", "template", "count", "issued-at"}

func (p *program) permitAddCommand() *cobra.Command {
	f := &permitFlags{}
	cmd := &cobra.Command{
		Use:   "add ACCOUNT (OPENID | --file FILE)",
		Short: "takes permits in that the app collected",
		Long: `add takes in one permit from flags, or many from a file of NDJSON (- is standard
input), a line each:

  {"openid":"o…","type":"form","code":"FORM_ID","issued_at":"2026-11-22T20:00:00+08:00"}
  {"openid":"o…","type":"payment","code":"prepay_id=wx…","issued_at":"2026-11-22T20:00:00+08:00"}
  {"openid":"o…","type":"consent","template_id":"TEMPLATE","count":1,"code":"order-1001"}

Without a type the code's look tells a form from a payment; without issued_at it
is now. The code of a consent is your own name for the event and may be left out.

The same code again changes nothing, and a used one stays used, so a file may be
added again; only consents without a code count each time. Lines are handed over
200 at a time, and the rest at the input's end; a bad one is told on standard
error with its number and skipped. Exit 3 when one was refused.`,
		Example: `  enqueue permit add mini OPENID --code FORM_ID --issued-at 2026-11-22T20:00:00+08:00
  enqueue permit add mini OPENID --type payment --code prepay_id=wx221200001001
  enqueue permit add mini OPENID --type consent --template TEMPLATE --code order-1001
  enqueue permit add mini --file permits.ndjson
  zcat permits.ndjson.gz | enqueue permit add mini --file - --json > results.ndjson`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return usage("found %s; write enqueue permit add ACCOUNT OPENID, or ACCOUNT --file FILE", arguments(len(args)))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.fit(args[1:]); err != nil {
				return err
			}
			if f.file != "" {
				return p.permitAddFile(cmd.Context(), args[0], f.file)
			}
			return p.permitAdd(cmd.Context(), args[0], args[1], f)
		},
	}
	f.set = cmd.Flags()
	f.set.StringVar(&f.kind, "type", "", "the `TYPE`: form, payment or consent (told by the code's look when absent)")
	f.set.StringVar(&f.code, "code", "", "the form_id or prepay_id; of a consent your own `CODE` for the event")
	f.set.StringVar(&f.template, "template", "", "consent: the `ID` of the template that the user agreed to")
	f.set.IntVar(&f.count, "count", 1, "consent: how many messages the user agreed to, 1 to 1000 (`N`)")
	f.set.StringVar(&f.at, "issued-at", "", "form, payment: the `TIME` when it was handed out, "+whenHelp+" (now when absent)")
	f.set.StringVar(&f.file, "file", "", "many permits from this `FILE` of NDJSON; - is standard input")
	return cmd
}

// fit refuses what does not go together.
func (f *permitFlags) fit(openid []string) error {
	given := ""
	for _, name := range permitNames {
		if f.set.Changed(name) {
			given = "--" + name
		}
	}
	switch fromFile := f.set.Changed("file"); {
	case fromFile && f.file == "":
		return usage("--file is empty; name a file, or - for standard input")
	case fromFile && len(openid) > 0:
		return usage("found an OPENID beside --file; the file's lines name their users")
	case fromFile && given != "":
		return usage("found %s beside --file; the file's lines say that", given)
	case !fromFile && len(openid) == 0:
		return usage("OPENID is missing; name the user, or give --file")
	case f.set.Changed("count") && (f.count < 1 || f.count > message.MaxConsents):
		return usage("--count found %d; allowed are 1 to %d", f.count, message.MaxConsents)
	}
	return nil
}

// grant is the permit that the flags make.
func (f *permitFlags) grant(openid string, now time.Time) (permit.Grant, error) {
	g := permit.Grant{OpenID: openid, Type: message.PermitType(f.kind), Code: f.code, Template: f.template}
	if f.set.Changed("count") {
		g.Count = f.count
	}
	var err error
	g.IssuedAt, err = moment("--issued-at", f.at, now, false)
	return g, err
}

func (p *program) permitAdd(ctx context.Context, account, openid string, f *permitFlags) error {
	grant, err := f.grant(openid, time.Now())
	if err != nil {
		return err
	}
	d, err := p.openFor(ctx, account)
	if err != nil {
		return err
	}
	defer d.close()
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	granted, err := d.AddPermit(patient, account, grant)
	if fault.Is(err, fault.Unavailable) {
		return ours("%w\n  the permit may have been taken in or not: repeat the command%s", d.away(ctx, err), onceMore(grant))
	}
	if err == nil && !granted.Known {
		p.noted(ctx, d, account, "permit_add", orAll(grant.Template), "user "+shortened(openid))
	}
	o := grantOutcomeOf(account, "flags", granted, err)
	p.complainGrant(o)
	if err := p.showGrant(o); err != nil {
		return err
	}
	if o.Error != nil {
		return refused()
	}
	return nil
}

// onceMore says what a repeat does.
func onceMore(g permit.Grant) string {
	if g.Code == "" {
		return ", after a look with permit list: without --code it counts again"
	}
	return ", which changes nothing if it was"
}
