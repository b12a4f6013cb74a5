package metrics

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"wxdispatch/internal/message"
)

// lookEvery is how often Redis is asked at most, however many scrape.
const lookEvery = 5 * time.Second

// Queues tells what waits in the queues.
type Queues interface {
	// Backlog returns how many messages of a kind of an account are pending,
	// scheduled, active, waiting and archived (other names are dropped), and
	// for how long the oldest pending one has been due, 0 when none is. It
	// should end with ctx; if it does not, the scrape goes on without it.
	Backlog(ctx context.Context, account string, kind message.Kind) (states map[string]int, oldest time.Duration, err error)
	// Doubts returns how many messages of an account are in doubt, by kind; a
	// kind that is left out has none.
	Doubts(ctx context.Context, account string) (map[message.Kind]int, error)
}

// WatchQueues adds queue_messages, oldest_seconds and in_doubt of all declared
// accounts.
// It starts nothing; a scrape does the asking. It is called once.
func (m *Metrics) WatchQueues(queues Queues) {
	m.registry.MustRegister(&backlog{
		queues: queues, lanes: m.allLanes, failed: m.scrapeErrors,
		messages: prometheus.NewDesc(namespace+"_queue_messages", "Messages in the queue, by state.",
			[]string{"account", "kind", "state"}, nil),
		oldest: prometheus.NewDesc(namespace+"_oldest_seconds", "How long the oldest pending message has been due.",
			[]string{"account", "kind"}, nil),
		inDoubt: prometheus.NewDesc(namespace+"_in_doubt", "Messages that nobody knows the fate of; of an account's, up to 1,000 are counted.",
			[]string{"account", "kind"}, nil),
	})
}

func (m *Metrics) allLanes() []lane {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return slices.Clone(m.lanes)
}

// queueStates bounds the label state of queue_messages.
var queueStates = []string{"pending", "scheduled", "active", "waiting", "archived"}

// backlog is the collector of what waits. One look at the queues serves all
// scrapes of lookEvery; while a look runs no other one starts.
type backlog struct {
	queues                    Queues
	lanes                     func() []lane
	messages, oldest, inDoubt *prometheus.Desc
	failed                    prometheus.Counter

	mu   sync.Mutex
	last *look
}

// Describe implements prometheus.Collector.
func (b *backlog) Describe(to chan<- *prometheus.Desc) {
	to <- b.messages
	to <- b.oldest
	to <- b.inDoubt
}

// Collect implements prometheus.Collector: it waits for lookLimit at most and
// leaves out what is not known by then.
func (b *backlog) Collect(to chan<- prometheus.Metric) {
	l := b.current()
	if !l.wait() {
		b.failed.Inc()
		return
	}
	if l.failed {
		b.failed.Inc()
	}
	for _, s := range l.seen {
		for _, state := range queueStates {
			if n, told := s.states[state]; told {
				to <- prometheus.MustNewConstMetric(b.messages, prometheus.GaugeValue, float64(n), s.account, string(s.kind), state)
			}
		}
		to <- prometheus.MustNewConstMetric(b.oldest, prometheus.GaugeValue, max(s.oldest, 0).Seconds(), s.account, string(s.kind))
		if s.doubts != nil {
			to <- prometheus.MustNewConstMetric(b.inDoubt, prometheus.GaugeValue, float64(s.doubts[s.kind]), s.account, string(s.kind))
		}
	}
}

// current returns the look that holds now, started if need be.
func (b *backlog) current() *look {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.last == nil || b.last.ended() && time.Since(b.last.started) >= lookEvery {
		b.last = startLook(b.queues, b.lanes())
	}
	return b.last
}
