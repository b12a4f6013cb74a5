package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"wxdispatch/internal/gateway"
	"wxdispatch/internal/template"
	"wxdispatch/internal/template/lint"
)

func (p *program) templateLibraryCommand() *cobra.Command {
	var search string
	cmd := &cobra.Command{
		Use:   "library ACCOUNT [--search TEXT]",
		Short: "shows the titles of WeChat's library that a mini program may use",
		Long: `library lists all titles, or those that have a text: traditional and simplified
characters, wide and narrow ones count as the same. With --json one object a
line: {"id","title"}. Exit 3 when none has the text.`,
		Example: "  enqueue template library mini --search 付款\n  enqueue template library mini --json",
		Args:    exactly(1, "enqueue template library ACCOUNT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atShelf(cmd.Context(), args[0], func(ctx context.Context, s *gateway.Shelf) error {
				return p.library(ctx, s, args[0], search)
			})
		},
	}
	cmd.Flags().StringVar(&search, "search", "", "only titles with this `TEXT`")
	return cmd
}

func (p *program) library(ctx context.Context, s *gateway.Shelf, account, search string) error {
	if err := ofMiniProgram(s, account); err != nil {
		return err
	}
	g := p.newProgress("titles")
	titles, err := s.Library(ctx, func(n, total int) {
		g.count, g.total = n, total
		g.show()
	})
	g.close()
	if err != nil {
		return err
	}
	all := len(titles)
	titles = slices.DeleteFunc(titles, func(e template.Entry) bool { return !lint.Contains(e.Title, search) })
	if len(titles) == 0 {
		p.tell("none of the %d titles has %q", all, search)
		return refused()
	}
	t, lines := newTable("ID", "TITLE"), newEncoder(p.stdout)
	for _, e := range titles {
		if p.asJSON {
			if err := written(lines.Encode(e)); err != nil {
				return err
			}
			continue
		}
		t.AppendRow(table.Row{e.ID, e.Title})
	}
	if p.asJSON {
		return nil
	}
	p.tell("%d of %d titles", len(titles), all)
	return printTable(p.stdout, t)
}

func (p *program) templateKeywordsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "keywords ACCOUNT ID",
		Short: "shows what a title of the library can tell",
		Long: `keywords lists the keywords of a title with WeChat's examples; their numbers are
what add --keywords takes. With --json one object: {"id","title","keywords":
[{"keyword_id","name","example"}]}.`,
		Example: "  enqueue template keywords mini AT0003",
		Args:    exactly(2, "enqueue template keywords ACCOUNT ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atShelf(cmd.Context(), args[0], func(ctx context.Context, s *gateway.Shelf) error {
				return p.keywords(ctx, s, args[0], args[1])
			})
		},
	}
}

// titleKeywords is a title as --json prints it.
type titleKeywords struct {
	template.Entry
	Keywords []template.Keyword `json:"keywords"`
}

func (p *program) keywords(ctx context.Context, s *gateway.Shelf, account, id string) error {
	if err := ofMiniProgram(s, account); err != nil {
		return err
	}
	title, keywords, err := s.Keywords(ctx, id)
	if err != nil {
		return err
	}
	if p.asJSON {
		return written(newEncoder(p.stdout).Encode(titleKeywords{title, keywords}))
	}
	p.tell("%s %s", title.ID, title.Title)
	t := newTable("KEYWORD", "NAME", "EXAMPLE")
	for _, k := range keywords {
		t.AppendRow(table.Row{k.ID, k.Name, k.Example})
	}
	return printTable(p.stdout, t)
}

func (p *program) templateAddCommand() *cobra.Command {
	var keywords []int
	cmd := &cobra.Command{
		Use:   "add ACCOUNT ID --keywords 3,4,5",
		Short: "makes a template of a title of the library",
		Long: `add makes a template with the keywords in that order, at most 10, none twice, and
prints its id. Each call makes another template, also of the same keywords. With
--json one object: {"template_id","id","keywords"}. Exit 3 when WeChat refuses.`,
		Example: "  enqueue template add mini AT0003 --keywords 1,2,3",
		Args:    exactly(2, "enqueue template add ACCOUNT ID --keywords 3,4,5"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(keywords) == 0 {
				return usage("--keywords is missing; write the numbers that enqueue template keywords %s %s shows, as 3,4,5", args[0], args[1])
			}
			return p.atShelf(cmd.Context(), args[0], func(ctx context.Context, s *gateway.Shelf) error {
				return p.addTemplate(ctx, s, args[0], args[1], keywords)
			})
		},
	}
	cmd.Flags().IntSliceVar(&keywords, "keywords", nil, "the keywords' `NUMBERS`, in the order in which users read them")
	return cmd
}

// added is what became of it, as --json prints it.
type added struct {
	TemplateID string `json:"template_id"`
	ID         string `json:"id"`
	Keywords   []int  `json:"keywords"`
}

func (p *program) addTemplate(ctx context.Context, s *gateway.Shelf, account, id string, keywords []int) error {
	if err := ofMiniProgram(s, account); err != nil {
		return err
	}
	made, err := s.Add(ctx, id, keywords)
	if err != nil {
		return err
	}
	s.Note(ctx, "template_add", made, p.who())
	if p.asJSON {
		err = newEncoder(p.stdout).Encode(added{made, id, keywords})
	} else {
		_, err = fmt.Fprintln(p.stdout, made)
	}
	if err := written(err); err != nil {
		return err
	}
	if _, err := s.List(ctx); err != nil { // so that messages of it are known at once
		p.tell("the template was made; the account's list could not be read anew, which workers do by themselves: %s", strings.Join(words(err), "; "))
	}
	return nil
}
