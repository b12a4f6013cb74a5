package gateway

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"wxdispatch/internal/wechat/push"
)

// maxTypes is how many types of pushes are counted by their names; WeChat has
// about a hundred. The rest count as other.
const maxTypes = 150

// pushNumbers counts pushes.
type pushNumbers struct {
	taken   *prometheus.CounterVec // account, type
	refused *prometheus.CounterVec // account, reason

	mu    sync.Mutex
	types map[string]bool
}

func newPushNumbers() *pushNumbers {
	return &pushNumbers{
		taken: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "wxdispatch", Name: "pushes_total",
			Help: "Pushes that WeChat signed, repeats included, by type."}, []string{"account", "type"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "wxdispatch", Name: "pushes_refused_total",
			Help: "Pushes that were refused, by reason."}, []string{"account", "reason"}),
		types: map[string]bool{},
	}
}

// Pushed counts a push by its type, as many types as there is room for.
func (n *pushNumbers) Pushed(account, kind string) {
	n.mu.Lock()
	if !n.types[kind] && len(n.types) >= maxTypes {
		kind = "other"
	} else {
		n.types[kind] = true
	}
	n.mu.Unlock()
	n.taken.WithLabelValues(account, kind).Inc()
}

// Refused counts a push that was not taken.
func (n *pushNumbers) Refused(account string, why push.Refusal) {
	n.refused.WithLabelValues(account, string(why)).Inc()
}
