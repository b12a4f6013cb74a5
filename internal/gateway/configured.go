package gateway

import (
	"maps"
	"slices"
	"time"

	"wxdispatch/internal/config"
	"wxdispatch/internal/desk"
	"wxdispatch/internal/registry"
	"wxdispatch/internal/store"
)

// DeskOptions is what a configuration says to a desk; by is who ends doubts
// there.
func DeskOptions(cfg *config.Config, by string) desk.Options {
	return desk.Options{Known: known(cfg), MaxAge: cfg.Message.MaxAge, Keep: cfg.Message.Keep, Replicas: cfg.Redis.WaitReplicas, By: by}
}

// known are the accounts of the program's own configuration.
func known(cfg *config.Config) []registry.Account {
	var list []registry.Account
	for _, name := range slices.Sorted(maps.Keys(cfg.Accounts)) {
		a := cfg.Accounts[name]
		list = append(list, registry.Account{Name: name, Type: a.Type, AppID: a.AppID, Enforce: a.Consents == config.Enforce, LongTerm: a.LongTerm, Rate: a.Rate, Quotas: a.DailyQuota})
	}
	return list
}

// StoreOptions is which Redis a configuration means. A command that nobody gave a time
// ends after longest.
func StoreOptions(r config.Redis, longest time.Duration) store.Options {
	return store.Options{
		Addrs: r.Addrs, Username: r.Username, Password: r.Password.Reveal(), DB: r.DB,
		MasterName: r.MasterName, Cluster: r.Mode == config.Cluster, TLS: r.TLS, Longest: longest,
	}
}
