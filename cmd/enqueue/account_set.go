package main

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wxdispatch/internal/message"
	"wxdispatch/internal/operator"
)

func (p *program) accountSetCommand() *cobra.Command {
	var quotas []string
	var rate float64
	var lasts string
	reset := false
	cmd := &cobra.Command{
		Use:   "set ACCOUNT --rate N --quota KIND=N [--for 2h] | --reset",
		Short: "changes rate and quotas of all workers at once, for a while",
		Long: `set overrules rate and daily_quota of the workers' configurations, within a second
and for all of them, for as long as --for says, or until --reset. A quota that is
raised ends the park of the one before. What shall last belongs into the
configuration.`,
		Example: `  enqueue account set shop --rate 20 --for 2h
  enqueue account set shop --quota template=50000
  enqueue account set shop --reset`,
		Args: exactly(1, "enqueue account set ACCOUNT --rate N, --quota KIND=N or --reset"),
		RunE: func(cmd *cobra.Command, args []string) error {
			now := time.Now()
			end, err := comes("--for", lasts, now)
			if err != nil {
				return err
			}
			set, err := quotaFlags(quotas)
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("rate") && rate == 0 {
				return usage("--rate found 0; to stop the account use enqueue account park")
			}
			change := operator.Change{Rate: rate, Quotas: set, Reset: reset, Until: end}
			return p.onAccount(cmd.Context(), args[0], func(ctx context.Context, d *desk) error {
				if err := d.office.Operator.Set(ctx, args[0], change, p.who(), now); err != nil {
					return err
				}
				return p.accountNow(ctx, d, args[0], "set; workers follow within a second")
			})
		},
	}
	cmd.Flags().Float64Var(&rate, "rate", 0, "`N` messages a second, all workers and kinds together")
	cmd.Flags().StringArrayVar(&quotas, "quota", nil, "`KIND=N` messages a day (UTC+8); may stand several times")
	cmd.Flags().StringVar(&lasts, "for", "", "how long it holds (`T`): "+untilHelp)
	cmd.Flags().BoolVar(&reset, "reset", false, "give the configuration its word back")
	return cmd
}

// quotaFlags reads KIND=N.
func quotaFlags(texts []string) (map[message.Kind]int, error) {
	set := map[message.Kind]int{}
	for _, text := range texts {
		name, count, _ := strings.Cut(text, "=")
		kind, err := kindOf(name)
		if err != nil {
			return nil, usage("--quota found %q; write KIND=N with a kind of %v", text, message.Kinds())
		}
		n, err := strconv.Atoi(count)
		if err != nil || n < 0 || kind == "" {
			return nil, usage("--quota found %q; write KIND=N, as template=50000", text)
		}
		set[kind] = n
	}
	return set, nil
}
