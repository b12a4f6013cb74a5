package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/gateway"
	"wxdispatch/internal/message"
	"wxdispatch/internal/template"
)

func (p *program) templateRenderCommand() *cobra.Command {
	f := messageFlags{}
	cmd := &cobra.Command{
		Use:   "render ACCOUNT TEMPLATE_ID --data NAME=VALUE …",
		Short: "prints a message as the user will read it, and sends nothing",
		Long: `render fills a template of the account: its title, then its content with the data
in its places. What WeChat drops (first and remark of official accounts) is left
out, what it cuts is cut. What intake would refuse is told: exit 3.

The template is taken as it was last read, else from WeChat where the account's
secret is configured. With --json one object: {"template_id","title","text",
"mistakes":[{"path","message"}],"warnings":[…]}.`,
		Example: "  enqueue template render mini TEMPLATE --data thing2=现磨咖啡两杯 --data time3=15:01",
		Args:    exactly(2, "enqueue template render ACCOUNT TEMPLATE_ID --data NAME=VALUE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			data, err := f.filled()
			if err != nil {
				return err
			}
			t, err := p.findTemplate(cmd.Context(), args[0], args[1])
			if err != nil {
				return err
			}
			return p.render(t, data)
		},
	}
	cmd.Flags().StringArrayVar(&f.data, "data", nil, "a placeholder's `NAME=VALUE`; repeat it for each")
	return cmd
}

// filled is --data as a message has it.
func (f *messageFlags) filled() (message.Data, error) {
	placeholders, err := f.placeholders()
	if err != nil {
		return nil, err
	}
	data := message.Data{}
	for name, value := range placeholders {
		raw, err := json.Marshal(value.(map[string]string)["value"])
		if err != nil {
			return nil, err
		}
		data[name] = message.Value{Value: raw}
	}
	return data, nil
}

// findTemplate looks a template up where it was last read, then at WeChat.
func (p *program) findTemplate(ctx context.Context, account, id string) (template.Template, error) {
	d, err := p.openFor(ctx, account)
	if err != nil {
		return template.Template{}, err
	}
	defer d.close()
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	set, err := d.office.Catalogue.Read(bounded, account, nil)
	if err != nil {
		return template.Template{}, d.away(ctx, err)
	}
	t, known := set.Any(id)
	switch {
	case known:
		return t, nil
	case d.cfg.CheckAccount(account) != nil:
		p.tell("account %s has no template %s as far as is known here; its secret is not configured, so WeChat was not asked", account, id)
		return t, refused()
	}
	err = p.atShelf(ctx, account, func(ctx context.Context, s *gateway.Shelf) (err error) {
		t, err = s.Find(ctx, id)
		return err
	})
	return t, err
}

// kindsOf are what a template is tried as.
var kindsOf = map[template.Sort]message.Kind{
	template.OfSends: message.Template, template.OfForms: message.WXOpen, template.OfConsents: message.Subscribe,
}

// rendered is what --json prints.
type rendered struct {
	TemplateID string        `json:"template_id"`
	Title      string        `json:"title"`
	Text       string        `json:"text"`
	Mistakes   []fault.Field `json:"mistakes,omitempty"`
	Warnings   []fault.Field `json:"warnings,omitempty"`
}

func (p *program) render(t template.Template, data message.Data) error {
	fill := template.Fill{Kind: kindsOf[t.Sort], TemplateID: t.ID, Data: data}
	out := rendered{TemplateID: t.ID, Title: t.Title, Text: template.Render(t, fill)}
	out.Mistakes, out.Warnings = template.Check(t, fill)
	out.Warnings = append(out.Warnings, template.Dropped(fill)...)
	for _, fields := range [][]fault.Field{out.Mistakes, out.Warnings} {
		for i := range fields {
			fields[i].Path = strings.TrimPrefix(fields[i].Path, ".")
		}
	}
	for _, w := range out.Warnings {
		p.tell("warning: %s", w)
	}
	for _, m := range out.Mistakes {
		p.tell("%s", m)
	}
	var err error
	if p.asJSON {
		err = newEncoder(p.stdout).Encode(out)
	} else {
		_, err = fmt.Fprintln(p.stdout, out.Text)
	}
	if err != nil || len(out.Mistakes) == 0 {
		return written(err)
	}
	return refused()
}
