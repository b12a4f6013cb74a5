package config

import (
	"fmt"
	"maps"
	"slices"
)

// NotYet returns the paths of keys that are set and that this version heeds
// nowhere. Programs say so when they start: who sets an events URL must
// not believe that it is called.
func (c *Config) NotYet() []string {
	var paths []string
	for _, name := range slices.Sorted(maps.Keys(c.Accounts)) {
		a, plain := c.Accounts[name], AccountDefaults(c.WeChat)
		for key, set := range map[string]bool{
			"template_check": a.TemplateCheck != plain.TemplateCheck,
		} {
			if set {
				paths = append(paths, fmt.Sprintf("accounts.%s.%s", name, key))
			}
		}
	}
	slices.Sort(paths)
	return paths
}
