package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Lifetime is how a token stands between its fetch and its end.
type Lifetime struct{ Age, Left time.Duration }

// Tokens tells how the accounts' access_tokens stand.
type Tokens interface {
	// Lifetimes returns that of each account's token; an account that has none
	// is left out. It must not block.
	Lifetimes() map[string]Lifetime
}

// WatchTokens adds token_expires_seconds and token_age_seconds. It starts
// nothing, and is called once.
func (m *Metrics) WatchTokens(tokens Tokens) { m.registry.MustRegister(NewTokenCollector(tokens)) }

// NewTokenCollector is the collector of WatchTokens, for programs with a
// registry of their own.
func NewTokenCollector(tokens Tokens) prometheus.Collector {
	describe := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc(namespace+name, help, []string{"account"}, nil)
	}
	return &lifetimes{
		tokens:  tokens,
		expires: describe("_token_expires_seconds", "Seconds until the account's access_token ends; absent while there is none."),
		age:     describe("_token_age_seconds", "Seconds since the account's access_token was fetched; absent while there is none."),
	}
}

type lifetimes struct {
	tokens       Tokens
	expires, age *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (l *lifetimes) Describe(to chan<- *prometheus.Desc) {
	to <- l.expires
	to <- l.age
}

// Collect implements prometheus.Collector.
func (l *lifetimes) Collect(to chan<- prometheus.Metric) {
	for account, life := range l.tokens.Lifetimes() {
		to <- prometheus.MustNewConstMetric(l.expires, prometheus.GaugeValue, life.Left.Seconds(), account)
		to <- prometheus.MustNewConstMetric(l.age, prometheus.GaugeValue, max(life.Age, 0).Seconds(), account)
	}
}
