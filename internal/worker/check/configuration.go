package check

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"wxdispatch/internal/config"
	"wxdispatch/internal/fault"
)

// configuration tells every mistake, and whether the account asked for exists.
func (o Options) configuration(context.Context) []Result {
	var results []Result
	for _, words := range mistakes(o.Mistakes) {
		results = append(results, Result{Name: "configuration", Level: Fail, Words: words})
	}
	if o.Config == nil {
		return results
	}
	if len(results) == 0 {
		results = append(results, Result{Name: "configuration", Level: OK, Words: summary(o.Config)})
	}
	if _, known := o.Config.Accounts[o.Account]; o.Account != "" && !known {
		results = append(results, Result{Name: "account", Account: o.Account, Level: Fail,
			Words: "there is no such account; known: " + strings.Join(names(o.Config), ", "),
			Do:    "name one of them, or add it under accounts"})
	}
	return results
}

// mistakes returns each mistake of an error in words.
func mistakes(err error) []string {
	if err == nil {
		return nil
	}
	var known *fault.Error
	if !errors.As(err, &known) {
		return []string{err.Error()}
	}
	if len(known.Fields) == 0 {
		return []string{strings.TrimPrefix(known.Error(), known.Op+": ")}
	}
	var all []string
	for _, field := range known.Fields {
		all = append(all, field.String())
	}
	return all
}

func summary(c *config.Config) string {
	source := c.File
	if source == "" {
		source = "no file, the environment only"
	}
	if n := len(c.Accounts); n != 1 {
		return fmt.Sprintf("%s: no mistakes, %d accounts", source, n)
	}
	return source + ": no mistakes, 1 account"
}

func names(c *config.Config) []string { return slices.Sorted(maps.Keys(c.Accounts)) }

// accounts are the names of those to look at.
func (o Options) accounts() []string {
	if o.Account == "" {
		return names(o.Config)
	}
	if _, known := o.Config.Accounts[o.Account]; known {
		return []string{o.Account}
	}
	return nil
}
