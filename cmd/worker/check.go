package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"wxdispatch/internal/access"
	"wxdispatch/internal/config"
	"wxdispatch/internal/store"
	"wxdispatch/internal/worker"
	"wxdispatch/internal/worker/check"
)

func (p *program) checkCommand() *cobra.Command {
	var asJSON, fetch bool
	cmd := &cobra.Command{
		Use:   "check [ACCOUNT]",
		Short: "Is everything there that a worker needs?",
		Long: `Looks at the configuration, Redis and each account's way to WeChat, a line each,
with what to do where something is wrong. It changes nothing: with token: classic
a fetch would replace the token in use, so it is left out unless --fetch-token.

Exit: 0 a worker can run, 1 it cannot, 2 usage.`,
		Example: "  worker check\n  worker check shop --json",
		Args:    usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			account := ""
			if len(args) == 1 {
				account = args[0]
			}
			return p.check(cmd.Context(), account, asJSON, fetch)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	cmd.Flags().BoolVar(&fetch, "fetch-token", false, "fetch a token with token: classic, too, which replaces the one in use")
	return cmd
}

func (p *program) check(ctx context.Context, account string, asJSON, fetch bool) error {
	o := check.Options{Account: account, FetchToken: fetch, WeChat: wayToWeChat}
	o.Config, o.Mistakes = p.load()
	if o.Mistakes == nil {
		if _, known := o.Config.Accounts[account]; account != "" && !known {
			return fmt.Errorf("%w: no account %q in the configuration; there are: %s", errUsage, account,
				strings.Join(slices.Sorted(maps.Keys(o.Config.Accounts)), ", "))
		}
		o.Mistakes = o.Config.CheckWorker()
		client := store.Open(worker.StoreOptions(o.Config))
		defer client.Close()
		o.Redis = check.NewRedis(client)
	}
	ok, err := check.Print(p.stdout, check.Run(ctx, o), asJSON)
	if err == nil && !ok {
		err = errSilent
	}
	return err
}

func wayToWeChat(_ string, a config.Account) (check.WeChat, error) {
	client, err := access.NewWeChat(a)
	if err != nil {
		return nil, err
	}
	return check.NewWeChat(client, access.Grant(a)), nil
}
