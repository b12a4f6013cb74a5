package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"wxdispatch/internal/gateway"
	"wxdispatch/internal/message"
	"wxdispatch/internal/template"
	"wxdispatch/internal/template/lint"
)

func (p *program) templateLintCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "lint (ACCOUNT | FILE…)",
		Short: "holds titles, keywords and examples against the rules of WeChat's reviewers",
		Long: `lint reads templates from files, or those that an account has, and tells what a
review would refuse: rule, place, what was found, why, and what would pass.

  title-ending      a title ends in 提醒 or 通知
  title-scene       it names a concrete service; 服务通知 names none
  title-personal    it speaks to nobody: no 您, 我, 亲爱的
  symbol            no marks, blanks or emoji in titles and keywords
  marketing         no 优惠券, 红包, 积分, 活动 and the like
  title-duplicate, title-similar, keyword-duplicate, keyword-similar
                    each once. Texts are folded first: NFKC, traditional characters
                    as simplified, lower case, no marks; a title without its ending.
                    Too similar: 1 - (edit distance / length of the longer) is 0.8
                    or more, or one has a character more than the other; texts that
                    tell opposites apart (收款, 付款) never are
  keyword-broad     内容, 信息, 备注 … could stand for anything
  example-mismatch  an example fits its keyword: a date for 时间, an amount for 金额 …
  placeholder       {{NAME.DATA}} and nothing else stands between {{ and }}
  placeholder-double each place has a key of its own

A file is JSON (an object, an array, one object a line, or WeChat's own answer):
  {"title":"取餐提醒","keywords":[{"name":"取餐时间","example":"15:01"}],
   "content":"取餐时间{{time1.DATA}}"}
or CSV with a header: title,content,keyword,example,keyword,example …
Any of title, keywords and content may be missing; - is standard input (JSON).

An account's templates are read from WeChat where its secret is configured, else
as they were last read. With --json one finding a line: {"rule","place","found",
"why","pass"}. Exit 3 with findings.`,
		Example: `  enqueue template lint templates.csv
  echo '{"title":"您的优惠券到账!"}' | enqueue template lint -
  enqueue template lint shop --json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("name an account, or files to read; - is standard input")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			subjects, err := p.subjects(cmd.Context(), args)
			if err != nil {
				return err
			}
			return p.showFindings(subjects, lint.Check(subjects))
		},
	}
}

// subjects reads what is to be held against the rules. One name that is no file
// and may be an account is one.
func (p *program) subjects(ctx context.Context, args []string) ([]lint.Subject, error) {
	if _, err := os.Stat(args[0]); len(args) == 1 && args[0] != standardInput && os.IsNotExist(err) && message.ValidAccount(args[0]) {
		return p.accountSubjects(ctx, args[0])
	}
	if err := checkFiles(args); err != nil {
		return nil, err
	}
	var all []lint.Subject
	for _, name := range args {
		data, err := p.readAll(name)
		if err != nil {
			return nil, usage("%w", err)
		}
		if name == standardInput {
			name = "stdin"
		}
		subjects, err := lint.Read(name, data)
		if err != nil {
			return nil, usage("%w", err)
		}
		all = append(all, subjects...)
	}
	return all, nil
}

// readAll reads a file, or standard input.
func (p *program) readAll(name string) ([]byte, error) {
	if name == standardInput {
		return io.ReadAll(p.stdin)
	}
	return os.ReadFile(name)
}

func (p *program) accountSubjects(ctx context.Context, account string) ([]lint.Subject, error) {
	templates, err := p.accountTemplates(ctx, account)
	if err != nil {
		return nil, err
	}
	subjects := make([]lint.Subject, 0, len(templates))
	for _, t := range templates {
		subjects = append(subjects, lint.Of(t))
	}
	return subjects, nil
}

// accountTemplates are an account's, from WeChat where that can be asked here,
// else as they were last read.
func (p *program) accountTemplates(ctx context.Context, account string) (list []template.Template, err error) {
	d, err := p.openFor(ctx, account)
	if err != nil {
		return nil, err
	}
	defer d.close()
	if d.cfg.CheckAccount(account) == nil {
		d.close()
		err = p.atShelf(ctx, account, func(ctx context.Context, s *gateway.Shelf) (err error) {
			list, err = s.List(ctx)
			return err
		})
		return list, err
	}
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	set, err := d.office.Catalogue.Read(bounded, account, nil)
	if err != nil {
		return nil, d.away(ctx, err)
	}
	if list = set.All(); len(list) == 0 {
		p.tell("nothing is known of the templates of account %s yet; run enqueue template list %s where its secret is configured", account, account)
		return nil, refused()
	}
	return list, nil
}

func (p *program) showFindings(subjects []lint.Subject, findings []lint.Finding) error {
	t, lines := newTable("RULE", "PLACE", "FOUND", "WHY", "WOULD PASS"), newEncoder(p.stdout)
	for _, f := range findings {
		if p.asJSON {
			if err := written(lines.Encode(f)); err != nil {
				return err
			}
			continue
		}
		t.AppendRow(table.Row{f.Rule, f.Place, f.Found, f.Why, f.Pass})
	}
	if !p.asJSON && len(findings) > 0 {
		if err := printTable(p.stdout, t); err != nil {
			return err
		}
	}
	templates := fmt.Sprintf("%d templates", len(subjects))
	if len(subjects) == 1 {
		templates = "1 template"
	}
	if len(findings) == 0 {
		p.tell("%s: nothing found; reviewers are people, and may still refuse", templates)
		return nil
	}
	p.tell("%s: %d findings", templates, len(findings))
	return refused()
}
