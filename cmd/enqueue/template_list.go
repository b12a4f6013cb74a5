package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"wxdispatch/internal/gateway"
	"wxdispatch/internal/template"
)

func (p *program) templateListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list ACCOUNT",
		Short: "shows the account's templates, and has intake check by them from now on",
		Long: `list reads all of the account's templates from WeChat: an official account's or a
mini program's own, and those of subscription messages. SORT is template (kind
template), wxopen (kinds wxopen and uniform) or subscription (subscribe, bizsend);
KEYS are what a message's data must fill.

What was read is kept in Redis, where intake finds it: messages are checked by it
as the account's template_check says. With --json one object a line:
{"template_id","sort","title","content","example","type"}.`,
		Example: "  enqueue template list shop\n  enqueue template list mini --json",
		Args:    exactly(1, "enqueue template list ACCOUNT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atShelf(cmd.Context(), args[0], func(ctx context.Context, s *gateway.Shelf) error {
				return p.listTemplates(ctx, s, args[0])
			})
		},
	}
}

func (p *program) listTemplates(ctx context.Context, s *gateway.Shelf, account string) error {
	all, failed := s.List(ctx)
	if failed != nil && len(all) == 0 {
		return failed
	}
	if failed != nil {
		p.tell("one list could not be read, the others are shown: %s", strings.Join(words(failed), "; "))
	}
	if len(all) == 0 {
		p.tell("account %s has no templates", account)
	}
	t, lines := newTable("TEMPLATE", "SORT", "TITLE", "KEYS"), newEncoder(p.stdout)
	for _, one := range all {
		if p.asJSON {
			if err := written(lines.Encode(one)); err != nil {
				return err
			}
			continue
		}
		t.AppendRow(table.Row{one.ID, sortOf(one), one.Title, strings.Join(template.Names(one.Content), " ")})
	}
	if p.asJSON || len(all) == 0 {
		return nil
	}
	return printTable(p.stdout, t)
}

// sortOf is a template's sort, and whether it needs no consents.
func sortOf(t template.Template) string {
	if t.Type == template.LongTerm {
		return string(t.Sort) + ", long-term"
	}
	return string(t.Sort)
}

func (p *program) templateDeleteCommand() *cobra.Command {
	yes := false
	cmd := &cobra.Command{
		Use:   "delete ACCOUNT TEMPLATE_ID",
		Short: "takes a template away from the account, for good",
		Long: `delete has WeChat take the template away. What waits with it will be refused
(40037), and nobody gets it back: a new one has another id. It asks first, unless
--yes. Exit 3 when the account has no such template, or WeChat refuses.`,
		Example: "  enqueue template delete mini TEMPLATE\n  enqueue template delete mini TEMPLATE --yes",
		Args:    exactly(2, "enqueue template delete ACCOUNT TEMPLATE_ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atShelf(cmd.Context(), args[0], func(ctx context.Context, s *gateway.Shelf) error {
				return p.deleteTemplate(ctx, s, args[0], args[1], yes)
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// deleted is what became of it, as --json prints it.
type deleted struct {
	TemplateID string `json:"template_id"`
	Title      string `json:"title"`
	Deleted    bool   `json:"deleted"`
}

func (p *program) deleteTemplate(ctx context.Context, s *gateway.Shelf, account, id string, yes bool) error {
	t, err := s.Find(ctx, id)
	if err != nil {
		return err
	}
	willing, err := p.confirmed(ctx, fmt.Sprintf("template %s (%s) of account %s is taken away for good; what waits with it will be refused", id, t.Title, account), yes)
	if err != nil || !willing {
		return err
	}
	if err := s.Delete(ctx, t); err != nil {
		return err
	}
	s.Note(ctx, "template_delete", id, p.who())
	if p.asJSON {
		err = newEncoder(p.stdout).Encode(deleted{id, t.Title, true})
	} else {
		_, err = fmt.Fprintf(p.stdout, "deleted %s (%s)\n", id, t.Title)
	}
	if err := written(err); err != nil {
		return err
	}
	if _, err := s.List(ctx); err != nil { // so that messages of it are refused at once
		p.tell("the template is gone; the account's list could not be read anew, which workers do by themselves: %s", strings.Join(words(err), "; "))
	}
	return nil
}
