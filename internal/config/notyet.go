package config

import (
	"fmt"
	"maps"
	"slices"
)

// NotYet returns the paths of keys that are set and that this version heeds
// nowhere. Programs say so when they start: who sets quiet hours must not
// believe that they hold.
func (c *Config) NotYet() []string {
	var paths []string
	for _, name := range slices.Sorted(maps.Keys(c.Accounts)) {
		a, plain := c.Accounts[name], AccountDefaults(c.WeChat)
		for key, set := range map[string]bool{
			"daily_quota":    len(a.DailyQuota) > 0,
			"template_check": a.TemplateCheck != plain.TemplateCheck,
			"quiet_hours":    a.QuietHours != "",
		} {
			if set {
				paths = append(paths, fmt.Sprintf("accounts.%s.%s", name, key))
			}
		}
	}
	slices.Sort(paths)
	return paths
}
