package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Tokens tells for how long the accounts' access_tokens are good yet.
type Tokens interface {
	// Lifetimes returns what is left of each account's token; an account that
	// has none is left out. It must not block.
	Lifetimes() map[string]time.Duration
}

// WatchTokens adds token_expires_seconds. It starts nothing, and is called once.
func (m *Metrics) WatchTokens(tokens Tokens) { m.registry.MustRegister(NewTokenCollector(tokens)) }

// NewTokenCollector is token_expires_seconds, for programs with a registry of
// their own.
func NewTokenCollector(tokens Tokens) prometheus.Collector {
	return &lifetimes{tokens, prometheus.NewDesc(namespace+"_token_expires_seconds",
		"Seconds until the account's access_token ends; absent while there is none.", []string{"account"}, nil)}
}

type lifetimes struct {
	tokens  Tokens
	expires *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (l *lifetimes) Describe(to chan<- *prometheus.Desc) { to <- l.expires }

// Collect implements prometheus.Collector.
func (l *lifetimes) Collect(to chan<- prometheus.Metric) {
	for account, left := range l.tokens.Lifetimes() {
		to <- prometheus.MustNewConstMetric(l.expires, prometheus.GaugeValue, left.Seconds(), account)
	}
}
