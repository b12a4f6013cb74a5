package gateway

import (
	"maps"
	"net"
	"slices"

	"wxdispatch/internal/api"
	"wxdispatch/internal/config"
)

// keys are the API's keys: those of the configuration, and the metrics token as
// one that reads the metrics and nothing else.
func keys(cfg *config.Config) []api.Key {
	var list []api.Key
	if token := cfg.Worker.MetricsToken; token != "" {
		list = append(list, api.NewKey("metrics_token", token.Reveal(), []api.Scope{api.Metrics}, nil))
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.API.Keys)) {
		key := cfg.API.Keys[name]
		list = append(list, api.NewKey(name, key.Key.Reveal(), scopes(key), key.Accounts))
	}
	return list
}

// scopes are a key's own; who may read all accounts may read the metrics, which
// are of all accounts.
func scopes(key config.Key) []api.Scope {
	var list []api.Scope
	for _, s := range key.Scopes {
		list = append(list, api.Scope(s))
	}
	if len(key.Accounts) == 0 && slices.Contains(list, api.Read) {
		list = append(list, api.Metrics)
	}
	return list
}

// openMetrics tells whether everyone may read the metrics: on loopback, when
// nobody asked for a token. An unread address counts as public.
func openMetrics(cfg *config.Config) bool {
	host, _, err := net.SplitHostPort(cfg.API.Listen)
	ip := net.ParseIP(host)
	return err == nil && cfg.Worker.MetricsToken == "" && (host == "localhost" || ip != nil && ip.IsLoopback())
}
