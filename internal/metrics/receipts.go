package metrics

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// receipts counts WeChat's later words on messages.
type receipts struct {
	total *prometheus.CounterVec // account, status
	age   *prometheus.Desc

	mu   sync.Mutex
	last map[string]time.Time // by account
}

// receiptStatus bounds the label: WeChat may bring new words, which count as
// other.
func receiptStatus(word string) string {
	switch word {
	case "success", "user block", "system failed", "freq limit":
		return word
	}
	return other
}

func newReceipts() *receipts {
	return &receipts{
		total: counter("receipts_total", "Receipts of WeChat's, each counted once, by what they say.", "account", "status"),
		age: prometheus.NewDesc(namespace+"_last_receipt_seconds",
			"Time since this worker worked on the account's latest receipt; absent before the first.", []string{"account"}, nil),
		last: map[string]time.Time{},
	}
}

// Describe tells the one series that is measured at each scrape.
func (r *receipts) Describe(out chan<- *prometheus.Desc) { out <- r.age }

// Collect tells how old each account's latest receipt is.
func (r *receipts) Collect(out chan<- prometheus.Metric) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for account, at := range r.last {
		out <- prometheus.MustNewConstMetric(r.age, prometheus.GaugeValue, time.Since(at).Seconds(), account)
	}
}

// Receipt counts a receipt by its word: success, user block, system failed,
// freq limit; any other counts as other.
func (m *Metrics) Receipt(account, word string) {
	m.mu.RLock()
	known := m.accounts[account]
	m.mu.RUnlock()
	if !known {
		account = other
	}
	m.receipts.total.WithLabelValues(account, receiptStatus(word)).Inc()
	m.receipts.mu.Lock()
	defer m.receipts.mu.Unlock()
	m.receipts.last[account] = time.Now()
}
