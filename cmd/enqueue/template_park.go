package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func (p *program) templateParkCommand() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:   "park ACCOUNT TEMPLATE_ID --reason TEXT",
		Short: "has a template take nothing until somebody ends that",
		Long: `park refuses one template of an account: what is handed over is answered parked,
what waits ends as refused, reason template, when its turn comes. Other templates
go on. WeChat's 43116 (the template is banned) and 43107 (so are the subscription
messages of the account or template) do the same by themselves.

With --json one object: {"account","template_id","parked","changed"}.`,
		Example: `  enqueue template park shop TEMPLATE --reason "the price is wrong"`,
		Args:    exactly(2, "enqueue template park ACCOUNT TEMPLATE_ID --reason TEXT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if reason == "" {
				return usage("--reason is missing; say why, for whoever finds the template parked")
			}
			return p.onAccount(cmd.Context(), args[0], func(ctx context.Context, d *desk) error {
				changed, err := d.office.Operator.ParkTemplate(ctx, args[0], args[1], reason, p.who())
				if err != nil {
					return err
				}
				return p.templateNow(templateState{args[0], args[1], true, changed}, "parked already; the reason is the new one")
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, in words (`TEXT`)")
	return cmd
}

func (p *program) templateUnparkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "unpark ACCOUNT TEMPLATE_ID",
		Short: "lets a template be used again",
		Long: `unpark ends what parks a template, a person's park and WeChat's ban. What WeChat
still bans it parks again at its next answer. What was refused meanwhile is sent
again by enqueue replay. Exit 3 when the template was not parked.`,
		Example: `  enqueue template unpark shop TEMPLATE
  enqueue replay shop --state refused --template TEMPLATE`,
		Args: exactly(2, "enqueue template unpark ACCOUNT TEMPLATE_ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.onAccount(cmd.Context(), args[0], func(ctx context.Context, d *desk) error {
				changed, err := d.office.Operator.UnparkTemplate(ctx, args[0], args[1], p.who())
				if err != nil {
					return err
				}
				if err := p.templateNow(templateState{args[0], args[1], false, changed}, "was not parked"); err != nil || changed {
					return err
				}
				return refused()
			})
		},
	}
}

// templateState is where a template stands, as --json prints it.
type templateState struct {
	Account    string `json:"account"`
	TemplateID string `json:"template_id"`
	Parked     bool   `json:"parked"`
	Changed    bool   `json:"changed"`
}

func (p *program) templateNow(s templateState, unchanged string) error {
	if p.asJSON {
		return written(newEncoder(p.stdout).Encode(s))
	}
	text := unchanged
	switch {
	case s.Changed && s.Parked:
		text = "parked: it takes nothing until enqueue template unpark"
	case s.Changed:
		text = "unparked; enqueue replay " + s.Account + " --state refused --template " + s.TemplateID + " sends what was refused meanwhile"
	}
	_, err := fmt.Fprintf(p.stdout, "template %s of %s: %s\n", s.TemplateID, s.Account, text)
	return written(err)
}
