package metrics

import "github.com/prometheus/client_golang/prometheus"

const namespace = "wxdispatch"

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

// histogram makes one by account and kind; its bounds are seconds.
func histogram(name, help string, bounds ...float64) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: namespace, Name: name, Help: help, Buckets: bounds,
	}, []string{"account", "kind"})
}
