// Package metrics counts what a worker does and shows it to Prometheus.
//
// Its promise: the names and labels of the contract; no openid, message id or
// secret in a label, and no label whose values grow with the traffic: what is
// outside the known accounts, kinds, classes and states is counted as "other".
// A scrape neither hangs on Redis nor floods it. What cannot be measured is
// absent, never 0.
//
// Every Metrics has a registry of its own, so that two workers in one process
// do not mix. What the numbers mean for the lanes is decided elsewhere.
package metrics

import (
	"net/http"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"wxdispatch/internal/message"
)

// maxScrapes is how many scrapes are answered at once; more get 503.
const maxScrapes = 8

// Metrics is what one worker measures. It may be used by many goroutines at
// once.
type Metrics struct {
	registry *prometheus.Registry

	messages     *prometheus.CounterVec   // account, kind, state
	attempts     *prometheus.CounterVec   // account, kind, class
	attemptTime  *prometheus.HistogramVec // account, kind; seconds
	waitTime     *prometheus.HistogramVec // account, kind; seconds
	rate         *prometheus.GaugeVec     // account, which; messages a second
	permits      *prometheus.CounterVec   // account, type, operation
	receipts     *receipts
	scrapeErrors prometheus.Counter

	mu       sync.RWMutex
	accounts map[string]bool
	lanes    []lane
}

// lane is one kind of one account.
type lane struct {
	account string
	kind    message.Kind
}

// New makes metrics on a registry of their own, with those of the Go runtime,
// the process and the build. It starts nothing.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		accounts: map[string]bool{},
		messages: counter("messages_total", "Messages that ended, by final state.", "account", "kind", "state"),
		attempts: counter("attempts_total", "HTTP calls to WeChat's send interfaces, by what the answer meant.", "account", "kind", "class"),
		attemptTime: histogram("attempt_seconds", "Time of one HTTP call to a send interface.",
			0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
		waitTime: histogram("wait_seconds", "Time from when a message was due to its first attempt.",
			0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600),
		rate: prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: "rate",
			Help: "Messages a second that the account may send, by where the figure comes from."}, []string{"account", "which"}),
		permits:  counter("permits_total", "What was done to permits, use by use, by type and operation.", "account", "type", "operation"),
		receipts: newReceipts(),
		scrapeErrors: prometheus.NewCounter(prometheus.CounterOpts{Namespace: namespace, Name: "scrape_errors_total",
			Help: "Scrapes that lack series because a queue could not be looked at."}),
	}
	m.registry.MustRegister(m.messages, m.attempts, m.attemptTime, m.waitTime, m.rate, m.permits, m.receipts.total, m.receipts, m.scrapeErrors,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewBuildInfoCollector())
	return m
}

// Account declares an account with the kinds that it sends and its configured
// rate in messages a second. Its series start at 0, so that the first message
// shows in a rate; without this call its messages count under account "other".
func (m *Metrics) Account(name string, kinds []message.Kind, rate float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rate.WithLabelValues(name, "configured").Set(rate)
	if m.accounts[name] {
		return
	}
	m.accounts[name] = true
	for _, kind := range kinds {
		m.lanes = append(m.lanes, lane{name, kind})
		for _, state := range message.States() {
			if state.Final() {
				m.messages.WithLabelValues(name, string(kind), string(state))
			}
		}
	}
}

// Rate notes an account's rates in messages a second: the configured one that
// holds for all workers, and the one in force.
func (m *Metrics) Rate(account string, configured, now float64) {
	account = m.account(account)
	m.rate.WithLabelValues(account, "configured").Set(configured)
	m.rate.WithLabelValues(account, "now").Set(now)
}

// Handler serves everything in Prometheus' text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorHandling:       promhttp.ContinueOnError,
		Registry:            m.registry,
		MaxRequestsInFlight: maxScrapes,
	})
}
