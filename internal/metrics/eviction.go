package metrics

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// evictionEvery is how often Redis is asked for its policy at most.
const evictionEvery = time.Minute

// NoEviction tells whether no server of Redis throws keys away when it is full;
// an error: it is not known.
type NoEviction func(ctx context.Context) (bool, error)

// WatchEviction adds redis_noeviction. It starts nothing; a scrape does the
// asking. It is called once.
func (m *Metrics) WatchEviction(ask NoEviction) {
	m.registry.MustRegister(&eviction{ask: ask, desc: prometheus.NewDesc(namespace+"_redis_noeviction",
		"1: Redis throws nothing away when it is full, 0: it may throw messages away; absent when it does not tell.", nil, nil)})
}

// eviction is the collector of that. One answer, or none, serves all scrapes of
// evictionEvery.
type eviction struct {
	ask  NoEviction
	desc *prometheus.Desc

	mu   sync.Mutex
	last *policy
}

// policy is one question for it.
type policy struct {
	asking

	// Written before done is closed, read after.
	noeviction bool
	err        error
}

// Describe implements prometheus.Collector.
func (e *eviction) Describe(to chan<- *prometheus.Desc) { to <- e.desc }

// Collect implements prometheus.Collector.
func (e *eviction) Collect(to chan<- prometheus.Metric) {
	p := e.current()
	if !p.wait() || p.err != nil {
		return
	}
	value := 0.0
	if p.noeviction {
		value = 1
	}
	to <- prometheus.MustNewConstMetric(e.desc, prometheus.GaugeValue, value)
}

// current returns the question that holds now, started if need be.
func (e *eviction) current() *policy {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.last == nil || e.last.ended() && time.Since(e.last.started) >= evictionEvery {
		e.last = &policy{asking: newAsking()}
		go e.last.run(e.ask)
	}
	return e.last
}

func (p *policy) run(ask NoEviction) {
	defer close(p.done)
	ctx, cancel := context.WithTimeout(context.Background(), lookLimit)
	defer cancel()
	p.noeviction, p.err = ask(ctx)
}
