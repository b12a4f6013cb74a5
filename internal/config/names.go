package config

import (
	"regexp"
	"slices"
)

// accountName and keyName are what may be a name: it stands in variables, too.
var (
	accountName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)
	keyName     = regexp.MustCompile(`^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$`)
)

// names are the entries that are known: accounts and API keys.
type names map[string][]string

func (n names) add(path, name string) {
	if !slices.Contains(n[path], name) {
		n[path] = append(n[path], name)
	}
}

func (n names) valid(path, name string) bool {
	if path == "accounts" {
		return accountName.MatchString(name)
	}
	return keyName.MatchString(name)
}

func (n names) rule(path string) string {
	if path == "accounts" {
		return "an account's name is made of lower-case letters, digits and - (not at its ends)"
	}
	return "a key's name is made of lower-case letters, digits, - and _ (not at its ends)"
}
