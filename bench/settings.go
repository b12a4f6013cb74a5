package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// settings are what the command line says.
type settings struct {
	Rounds      int           `json:"rounds"`      // runs of each side, whose median counts
	Messages    int           `json:"messages"`    // of one drain
	Concurrency int           `json:"concurrency"` // handlers of a worker
	Accounts    int           `json:"accounts"`    // that the messages are spread over
	Latency     time.Duration `json:"redis_latency_ns"`
	Depth       int           `json:"depth"`    // waiting messages at which the cost is compared
	Each        time.Duration `json:"each_ns"`  // how long messages come in at one rate
	Singles     int           `json:"singles"`  // messages to an idle queue
	Only        []string      `json:"sections"` // of sections
	Profile     string        `json:"-"`
	JSON        string        `json:"-"`
	Quick       bool          `json:"quick"`
	Strict      bool          `json:"-"`

	words io.Writer // where progress goes
}

// Sections of the table.
const (
	drainSection   = "drain"
	latencySection = "latency"
	depthSection   = "depth"
	scaleSection   = "scale"
)

func sections() []string {
	return []string{drainSection, latencySection, depthSection, scaleSection}
}

// full and quick are what is run unless flags say otherwise.
func full() settings {
	return settings{Rounds: 5, Messages: 20_000, Concurrency: 50, Accounts: 1, Depth: 1_000_000,
		Each: 5 * time.Second, Singles: 100, Only: sections()}
}

func quick() settings {
	s := full()
	s.Rounds, s.Messages, s.Depth, s.Each, s.Singles, s.Quick = 1, 3000, 50_000, 2*time.Second, 20, true
	return s
}

// declare binds the flags; without a flag s keeps what it has.
func (s *settings) declare(set *pflag.FlagSet) {
	set.IntVar(&s.Rounds, "rounds", s.Rounds, "runs of each side, in turn; the medians count")
	set.IntVar(&s.Messages, "messages", s.Messages, "messages of one drain")
	set.IntVar(&s.Concurrency, "concurrency", s.Concurrency, "handlers of a worker, on both sides")
	set.IntVar(&s.Accounts, "accounts", s.Accounts, "accounts that the messages are spread over")
	set.DurationVar(&s.Latency, "redis-latency", s.Latency, "lengthen each round trip between worker and Redis by so much")
	set.IntVar(&s.Depth, "depth", s.Depth, "waiting messages at which the cost of one is compared with 10,000")
	set.DurationVar(&s.Each, "each", s.Each, "how long messages come in at each rate (section latency)")
	set.IntVar(&s.Singles, "singles", s.Singles, "messages to an idle queue, one every 300 ms (section latency)")
	set.StringSliceVar(&s.Only, "only", s.Only, "run these sections only: "+strings.Join(sections(), ", "))
	set.StringVar(&s.JSON, "json", "", "write the table and every round as JSON to this `file`; - for standard output, instead of the table")
	set.StringVar(&s.Profile, "profile", "", "write each worker's processor profile into this `folder`, for go tool pprof, and what Redis spent on each script (section drain)")
	set.BoolVar(&s.Quick, "quick", s.Quick, "one round with few messages: does it work? Its figures mean little")
	set.BoolVar(&s.Strict, "strict", s.Strict, "exit 3 when a goal was missed")
}

// check tells the first thing that cannot be.
func (s *settings) check() error {
	for _, n := range []struct {
		flag  string
		value int
	}{
		{"rounds", s.Rounds}, {"messages", s.Messages}, {"concurrency", s.Concurrency},
		{"accounts", s.Accounts}, {"depth", s.Depth}, {"singles", s.Singles},
	} {
		if n.value < 1 {
			return usageError{fmt.Errorf("--%s is %d; write a number from 1", n.flag, n.value)}
		}
	}
	if s.Latency < 0 || s.Each <= 0 {
		return usageError{fmt.Errorf("--redis-latency is %s and --each %s; the first must not be below 0, the second above", s.Latency, s.Each)}
	}
	for _, name := range s.Only {
		if !slices.Contains(sections(), name) {
			return usageError{fmt.Errorf("--only names %q; there are %s", name, strings.Join(sections(), ", "))}
		}
	}
	return nil
}

func (s *settings) runs(section string) bool { return slices.Contains(s.Only, section) }

// progress says on standard error how far it came.
func (s *settings) progress(format string, args ...any) {
	fmt.Fprintf(s.words, "bench: "+format+"\n", args...)
}
