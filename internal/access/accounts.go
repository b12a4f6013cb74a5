package access

import (
	"maps"
	"slices"

	"wxdispatch/internal/config"
	"wxdispatch/internal/registry"
)

// Accounts are a configuration's accounts as others may know them, by name:
// without secrets.
func Accounts(cfg *config.Config) []registry.Account {
	var list []registry.Account
	for _, name := range slices.Sorted(maps.Keys(cfg.Accounts)) {
		a := cfg.Accounts[name]
		list = append(list, registry.Account{Name: name, Type: a.Type, AppID: a.AppID, Enforce: a.Consents == config.Enforce, LongTerm: a.LongTerm, TemplateCheck: a.TemplateCheck, Rate: a.Rate, Quotas: a.DailyQuota})
	}
	return list
}
