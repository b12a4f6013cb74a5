package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/gateway"
	"wxdispatch/internal/message"
	"wxdispatch/internal/wechat"
)

func (p *program) templateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "template",
		Short: "finds, makes, lists, checks, shows and stops templates",
		Long: `template manages an account's templates. Mini programs make theirs from WeChat's
library: find a title, look at its keywords, add it with those that are wanted, in
the order in which users will read them. Official accounts choose theirs in
WeChat's console; list, delete, lint and render work on both.

lint holds titles, keywords and examples against the rules of WeChat's reviewers
before WeChat does. Who breaks them loses the template, then the interface for 7
days, then for 30, then for good. park stops one template of an account at intake
and in the queue; WeChat's 43116 and 43107 do so by themselves.

library, keywords, add, list and delete ask WeChat, so the account's secret must
stand in the configuration here.`,
		Example: `  enqueue template library mini --search 付款
  enqueue template keywords mini AT0003
  enqueue template add mini AT0003 --keywords 1,2,3
  enqueue template lint templates.csv
  enqueue template render shop TEMPLATE --data keyword1=咖啡`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			const all = "template library, keywords, add, list, delete, lint, render, park or unpark"
			if len(args) > 0 {
				return usage("found template %q; write "+all, args[0])
			}
			_, _ = fmt.Fprint(p.stderr, cmd.UsageString())
			return usage(all + " is missing")
		},
	}
	cmd.AddCommand(p.templateLibraryCommand(), p.templateKeywordsCommand(), p.templateAddCommand(), p.templateListCommand(),
		p.templateDeleteCommand(), p.templateLintCommand(), p.templateRenderCommand(), p.templateParkCommand(), p.templateUnparkCommand())
	return cmd
}

// listing is the longest that WeChat is asked page after page.
const listing = 2 * time.Minute

// atShelf works on an account's templates at WeChat.
func (p *program) atShelf(ctx context.Context, account string, work func(ctx context.Context, s *gateway.Shelf) error) error {
	d, err := p.openFor(ctx, account)
	if err != nil {
		return err
	}
	defer d.close()
	shelf, err := gateway.NewShelf(d.cfg, account, d.redis)
	if err != nil {
		return err
	}
	defer shelf.Close()
	bounded, cancel := context.WithTimeout(ctx, listing)
	defer cancel()
	err = work(bounded, shelf)
	if ctx.Err() != nil {
		return ours("interrupted")
	}
	return p.fromWeChat(err)
}

// ofMiniProgram refuses an account that has no library.
func ofMiniProgram(s *gateway.Shelf, account string) error {
	if s.Type == message.MiniProgram {
		return nil
	}
	return usage("account %s is %s; the library is for mini programs: choose an official account's templates in WeChat's console, and see them with enqueue template list %s",
		account, s.Type, account)
}

// managed are errcodes of template management that no send is answered with.
var managed = map[int]string{
	43106: "the interface is taken away as a punishment: for 7 days, for 30, or for good; WeChat's console says for how long",
	45026: "the account has as many templates as it may; delete one first",
	45100: "WeChat does not take this list of keywords; enqueue template keywords shows which there are",
	40037: "there is no such template or title",
}

// fromWeChat tells WeChat's refusal, which is exit 3; everything else that is no
// usage is a fault on our side.
func (p *program) fromWeChat(err error) error {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err
	}
	switch {
	case f.Code != 0:
		words, known := managed[f.Code]
		if !known {
			words = wechat.Lookup(f.Code).English
		}
		p.tell("WeChat refuses: %s (errcode %d: %s)", words, f.Code, f.Message)
		if f.RID != "" {
			p.tell("  rid %s", f.RID)
		}
		return refused()
	case f.Class == fault.NotFound:
		p.tell("%s", f.Message)
		return refused()
	case f.Class == fault.Invalid:
		return err
	}
	return ours("%w", err)
}
