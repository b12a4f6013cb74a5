package config

import (
	"fmt"
	"maps"
	"slices"
)

// NotYet returns the paths of keys that are set and that this version heeds
// nowhere. Programs say so when they start: who sets template_check must not
// believe that anything is checked.
func (c *Config) NotYet() []string {
	var paths []string
	for _, name := range slices.Sorted(maps.Keys(c.Accounts)) {
		a, plain := c.Accounts[name], AccountDefaults(c.WeChat)
		if a.TemplateCheck != plain.TemplateCheck {
			paths = append(paths, fmt.Sprintf("accounts.%s.template_check", name))
		}
	}
	return paths
}
