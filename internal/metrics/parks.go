package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"wxdispatch/internal/message"
)

// Lane is what a worker last saw of what stops one kind of an account.
type Lane struct {
	Account string
	Kind    message.Kind
	Reasons []string      // why it is parked, each once; none: it is not
	Ends    time.Duration // until the last park is over; 0: nobody knows, or none stands
	Used    int           // of the day's quota
	Limit   int           // the day's quota in force
	Limited bool          // there is one
}

// Lanes tells what was last seen of all lanes; what is not known is left out. It
// must not block: a scrape asks.
type Lanes func() []Lane

// ParkedTemplate is a template of an account that takes nothing.
type ParkedTemplate struct {
	Account  string
	Template string
	By       string // wechat, operator
}

// WatchTemplates adds template_parked. templates tells what was last seen and
// must not block. It starts nothing, and is called once.
func (m *Metrics) WatchTemplates(templates func() []ParkedTemplate) {
	m.registry.MustRegister(&parkedTemplates{templates, prometheus.NewDesc(namespace+"_template_parked",
		"1 for each template that takes nothing, by who stopped it: wechat (43116, 43107) or operator.", []string{"account", "template_id", "by"}, nil)})
}

// parkedTemplates is the collector of those.
type parkedTemplates struct {
	templates func() []ParkedTemplate
	parked    *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (p *parkedTemplates) Describe(to chan<- *prometheus.Desc) { to <- p.parked }

// Collect implements prometheus.Collector.
func (p *parkedTemplates) Collect(to chan<- prometheus.Metric) {
	for _, t := range p.templates() {
		to <- prometheus.MustNewConstMetric(p.parked, prometheus.GaugeValue, 1, t.Account, t.Template, t.By)
	}
}

// WatchParks adds lane_parked, park_until_seconds and quota_used. It starts
// nothing, and is called once.
func (m *Metrics) WatchParks(lanes Lanes) {
	labels := []string{"account", "kind"}
	m.registry.MustRegister(&parks{
		lanes: lanes,
		parked: prometheus.NewDesc(namespace+"_lane_parked", "1 for each reason that a kind of an account is parked for; absent when it is not.",
			append(labels, "reason"), nil),
		until: prometheus.NewDesc(namespace+"_park_until_seconds", "Seconds until a parked kind goes on by itself; absent when nobody knows.", labels, nil),
		used:  prometheus.NewDesc(namespace+"_quota_used", "Calls of today (UTC+8) that count for the kind's quota.", labels, nil),
		limit: prometheus.NewDesc(namespace+"_quota_limit", "Calls that the kind may make today; absent where we set no limit.", labels, nil),
	})
}

// parkReasons bounds the label reason.
var parkReasons = map[string]bool{
	"minute": true, "daily": true, "account": true, "outage": true, "quota": true, "token": true, "operator": true,
}

// parks is the collector of what stops lanes.
type parks struct {
	lanes                      Lanes
	parked, until, used, limit *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (p *parks) Describe(to chan<- *prometheus.Desc) {
	to <- p.parked
	to <- p.until
	to <- p.used
	to <- p.limit
}

// Collect implements prometheus.Collector.
func (p *parks) Collect(to chan<- prometheus.Metric) {
	gauge := func(of *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(of, prometheus.GaugeValue, v, labels...)
	}
	for _, l := range p.lanes() {
		gauge(p.used, float64(l.Used), l.Account, string(l.Kind))
		if l.Limited {
			gauge(p.limit, float64(l.Limit), l.Account, string(l.Kind))
		}
		told := map[string]bool{}
		for _, reason := range l.Reasons {
			if !parkReasons[reason] {
				reason = other
			}
			if !told[reason] {
				told[reason] = true
				gauge(p.parked, 1, l.Account, string(l.Kind), reason)
			}
		}
		if len(l.Reasons) > 0 && l.Ends > 0 {
			gauge(p.until, l.Ends.Seconds(), l.Account, string(l.Kind))
		}
	}
}
