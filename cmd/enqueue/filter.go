package main

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

// filterFlags pick bad ends.
type filterFlags struct {
	set                                        *pflag.FlagSet
	state, kind, template, batch, since, until string
	errcode                                    int
}

// filterNames are the flags that pick.
var filterNames = []string{"state", "kind", "template", "batch", "errcode", "since", "until"}

// badStates are those that --state takes: the index of bad ends has no others.
var badStates = []message.State{message.Undelivered, message.Refused, message.Failed, message.InDoubt,
	message.Expired, message.Unpermitted, message.Suppressed}

// addFilterFlags adds the flags; --state where it is asked for.
func addFilterFlags(set *pflag.FlagSet, states bool) *filterFlags {
	f := &filterFlags{set: set}
	if states {
		set.StringVar(&f.state, "state", "", "only this `STATE`: "+stateList())
	}
	set.StringVar(&f.kind, "kind", "", "only this `KIND`: "+kindList(everyKind))
	set.StringVar(&f.template, "template", "", "only the template with this `ID`")
	set.StringVar(&f.batch, "batch", "", "only the batch of this `NAME`")
	set.IntVar(&f.errcode, "errcode", 0, "only WeChat's `CODE`; 0: those without one")
	set.StringVar(&f.since, "since", "", "ended no earlier than this `TIME`, "+whenHelp)
	set.StringVar(&f.until, "until", "", "ended no later than this `TIME`; a day is meant as a whole")
	return f
}

// given tells whether any flag was set.
func (f *filterFlags) given() bool { return slices.ContainsFunc(filterNames, f.set.Changed) }

// filter reads the flags; its errors are usage.
func (f *filterFlags) filter(now time.Time) (ledger.Filter, error) {
	picked := ledger.Filter{State: message.State(f.state), Kind: message.Kind(f.kind), Template: f.template, Batch: f.batch}
	if f.state != "" && !slices.Contains(badStates, picked.State) {
		return picked, usage("--state found %q; bad ends are %s", f.state, stateList())
	}
	if f.kind != "" && !picked.Kind.Valid() {
		return picked, usage("--kind found %q; allowed are %s", f.kind, kindList(everyKind))
	}
	if f.set.Changed("errcode") {
		picked.ErrCode = &f.errcode
	}
	var err error
	if picked.Since, err = moment("--since", f.since, now, false); err != nil {
		return picked, err
	}
	if picked.Until, err = moment("--until", f.until, now, true); err != nil {
		return picked, err
	}
	if !picked.Until.IsZero() && picked.Until.Before(picked.Since) {
		return picked, usage("--until %s is before --since %s; nothing ends between", f.until, f.since)
	}
	return picked, nil
}

// moment reads a flag's time; none is the zero time.
func moment(flag, text string, now time.Time, wholeDay bool) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, ok := when(text, now, wholeDay)
	if !ok {
		return at, usage("%s found %q; write it %s", flag, text, whenHelp)
	}
	return at, nil
}

func stateList() string {
	var names []string
	for _, s := range badStates {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}
