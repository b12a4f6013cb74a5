package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
)

// soakSettings are what the command line says of a soak.
type soakSettings struct {
	Messages    int           `json:"messages"`
	For         time.Duration `json:"for_ns"` // that they are handed over in, if the machine can
	Accounts    int           `json:"accounts"`
	Concurrency int           `json:"concurrency"`
	Ahead       int           `json:"ahead"` // messages that may wait
	Every       time.Duration `json:"every_ns"`
	JSON        string        `json:"-"`
	Profile     string        `json:"-"`

	words io.Writer
}

func fullSoak() soakSettings {
	return soakSettings{Messages: 2_000_000, For: 20 * time.Minute, Accounts: 3, Concurrency: 120, Ahead: 5000, Every: 10 * time.Second}
}

// keep is message.keep: a tenth of the time, so that the first records are over
// well before the first quarter is, from where on Redis shall hold no more. What
// comes and goes in seven days otherwise comes and goes ten times. A receipt must
// still find its record, so it is never below 10 s.
func (s soakSettings) keep() time.Duration { return max(10*time.Second, s.For/10) }

// looks is how often it is looked at least, however short it is.
const looks = 40

func (s *soakSettings) check() error {
	for _, n := range []struct {
		flag  string
		value int
	}{{"messages", s.Messages}, {"accounts", s.Accounts}, {"concurrency", s.Concurrency}, {"ahead", s.Ahead}} {
		if n.value < 1 {
			return usageError{fmt.Errorf("--%s is %d; write a number from 1", n.flag, n.value)}
		}
	}
	if s.For < time.Second || s.Every <= 0 {
		return usageError{fmt.Errorf("--for is %s and --every %s; the first must be 1s at least, the second above 0", s.For, s.Every)}
	}
	s.Every = min(s.Every, s.For/looks)
	return nil
}

func soakCommand(words io.Writer, started *bool) *cobra.Command {
	set := fullSoak()
	set.words = words
	cmd := &cobra.Command{
		Use:   "soak",
		Short: "Sends very many messages with receipts and looks whether anything grows",
		Long: `soak hands messages over at an even rate, with the Go client, to enqueue serve's
Redis (append-only file, everysec), and looks every few seconds at memory,
goroutines, files and connections of worker, serve and Redis.

A third of the accounts send template messages and are told by webhook what
became of them, a third wxopen messages that spend forms from the pool, a third
a batch. WeChat's receipts come in safe mode to serve's callback listener.

message.keep is a tenth of --for (10 s at least), so that records end while it goes. What Redis
keeps for a fixed time or up to a fixed number (indexes: a day and more;
signatures of pushes: 21 minutes; events: 1,000,000 an account) cannot be level
so early: it is measured by itself, told per message, and taken off what is
judged.

Flat means: the median of the last quarter is at most 10 % above that of the
second, or by no more than a few, or lies within what the second has seen.
Exit 1: a figure was not flat, a message was lost, doubled, refused or is in
doubt, a receipt found no message, or an event was not told; the last lines say
which. A machine that cannot keep up takes longer, which is told and no fault.`,
		Example:       "  make soak\n  make soak ARGS='--messages 90000 --for 3m --json soak.json'",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			*started = true
			if err := set.check(); err != nil {
				return err
			}
			return runSoak(cmd.Context(), set, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.IntVar(&set.Messages, "messages", set.Messages, "messages in all")
	f.DurationVar(&set.For, "for", set.For, "time that they are spread over")
	f.IntVar(&set.Accounts, "accounts", set.Accounts, "accounts, which get the messages in turn")
	f.IntVar(&set.Concurrency, "concurrency", set.Concurrency, "calls of an account at once")
	f.IntVar(&set.Ahead, "ahead", set.Ahead, "messages that may wait; the producer stands back beyond")
	f.DurationVar(&set.Every, "every", set.Every, "how often it is looked, and 40 times at least")
	f.StringVar(&set.JSON, "json", "", "write the table and every look as JSON to this `file`; - for standard output, instead of the table")
	f.StringVar(&set.Profile, "profile", "", "write processor profiles of worker and serve into this `folder`, for go tool pprof")
	return cmd
}
