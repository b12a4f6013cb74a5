package gateway

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"wxdispatch/internal/message"
	"wxdispatch/internal/metrics"
)

// numbers is what the API tells Prometheus. What became of messages is told by
// the workers.
type numbers struct {
	registry *prometheus.Registry
	calls    *prometheus.CounterVec   // route, status
	seconds  *prometheus.HistogramVec // route
	permits  *prometheus.CounterVec   // account, type, operation
	pushes   *pushNumbers
}

func newNumbers(tokens metrics.Tokens) *numbers {
	n := &numbers{
		registry: prometheus.NewRegistry(),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "wxdispatch", Name: "api_requests_total",
			Help: "Calls of the HTTP API, by route and HTTP status."}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "wxdispatch", Name: "api_seconds",
			Help:    "Time from a call's header to its answer.",
			Buckets: []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5}}, []string{"route"}),
	}
	n.permits = prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "wxdispatch", Name: "permits_total",
		Help: "What was done to permits, use by use, by type and operation."}, []string{"account", "type", "operation"})
	n.pushes = newPushNumbers()
	n.registry.MustRegister(n.calls, n.seconds, n.permits, n.pushes.taken, n.pushes.refused, metrics.NewTokenCollector(tokens), collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), collectors.NewBuildInfoCollector())
	return n
}

// Served counts one call. Route is one of the API's patterns, so labels do not
// grow with the traffic.
func (n *numbers) Served(route string, status int, took time.Duration) {
	n.calls.WithLabelValues(route, strconv.Itoa(status)).Inc()
	n.seconds.WithLabelValues(route).Observe(took.Seconds())
}

// Permit counts something that was done to one use of a permit. Accounts are
// those that somebody announced or configured.
func (n *numbers) Permit(account string, t message.PermitType, operation string) {
	n.permits.WithLabelValues(account, string(t), operation).Inc()
}

func (n *numbers) handler() http.Handler {
	return promhttp.HandlerFor(n.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 8})
}
