package pace

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"
)

// model is the account's line in plain Go, as lua/lease.lua says it, on this
// program's clock unless it is given a moment.
type model struct {
	mu       sync.Mutex
	leased   bool // the line is known
	t        int64
	turn     int64
	fell     *struct{ milli, at int64 }
	since    int64
	signs    bool
	n, bad   int
	override float64
	until    int64 // milliseconds
	members  map[string]member

	trips int
	delay func() // of a trip, before and after
}

type member struct {
	rate  float64
	burst int
	until int64
}

func (m *model) lease(ctx context.Context, q question) (grant, error) {
	if m.delay != nil {
		m.delay()
		defer m.delay()
	}
	if ctx.Err() != nil {
		return grant{}, unavailable("model", ctx.Err())
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.at(time.Now().UnixMicro(), q), nil
}

func (m *model) leave(_ context.Context, worker string, from, to int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.members, worker)
	if to != 0 && m.leased && m.t == to {
		m.t = from
	}
	return nil
}

func (m *model) made() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.trips
}

func (m *model) at(now int64, q question) grant {
	m.trips++
	configured, high, burst := m.configured(now, q)
	rate := m.inForce(now, q, configured)
	g := m.cut(now, q, rate, configured, burst)
	g.now, g.workers, g.rates = now, len(m.members), Rates{configured, rate, high}
	return g
}

func (m *model) configured(now int64, q question) (rate, high float64, burst int) {
	if m.members == nil {
		m.members = map[string]member{}
	}
	m.members[q.worker] = member{q.limits.rate, q.limits.burst, now + 60_000_000}
	rate, high, burst = q.limits.rate, q.limits.rate, q.limits.burst
	for name, w := range m.members {
		if w.until < now {
			delete(m.members, name)
			continue
		}
		rate, high, burst = min(rate, w.rate), max(high, w.rate), min(burst, w.burst)
	}
	if m.override != 0 && (m.until == 0 || m.until*1000 > now) {
		rate = m.override
	} else {
		m.override = 0
	}
	return rate, high, burst
}

func (m *model) inForce(now int64, q question, configured float64) float64 {
	rate := configured
	if m.fell != nil {
		rate = min(configured, float64(m.fell.milli)/1000+float64(configured*float64(max(0, now-m.fell.at)))/180e6)
	}
	if q.calls > 0 {
		if !m.signs {
			m.signs, m.since = true, now
		}
		if age := now - m.since; age < 0 || age >= 10_000_000 || age >= 1_000_000 && m.n >= 10 {
			m.since, m.n, m.bad = now, 0, 0
		}
		if m.fell == nil || now-m.fell.at >= 500_000 {
			m.n, m.bad = m.n+q.calls, m.bad+q.bad
		}
		soon := m.fell != nil && now-m.fell.at < 1_000_000
		if m.n >= 10 && m.bad >= 2 && float64(m.bad) >= float64(m.n)*0.05 && !soon {
			rate = max(rate*0.8, min(configured, 0.2), configured*0.01)
			m.fell = &struct{ milli, at int64 }{int64(rate * 1000), now}
			m.since, m.n, m.bad = now, 0, 0
		}
	}
	if rate >= configured {
		m.fell = nil
	}
	return rate
}

func (m *model) cut(now int64, q question, rate, configured float64, burst int) grant {
	const horizon = 400_000
	step := 1e6 / rate
	late := math.Floor(float64(burst-1) * 1e6 / configured)
	from := float64(now) - step
	if m.leased {
		from = max(min(float64(m.t), float64(now+horizon)), float64(now)-late-step)
	}
	from = math.Ceil(from)
	share := max(1, math.Floor(rate*horizon/1e6/float64(len(m.members))))
	least := func(n float64) float64 { return min(n, math.Ceil(share/2)) }
	want, held := float64(q.want), float64(q.held)
	slots := min(want, share-held, math.Floor((float64(now+horizon)-from)/step))
	if slots < least(want) {
		slots = 0
	}
	slots = max(0, slots)
	to := from
	if slots > 0 {
		to = math.Ceil(from + slots*step)
		m.leased, m.t = true, int64(to)
	}
	wait := 0.0
	if more := want - slots; more > 0 {
		n := least(more)
		soonest := float64(now) + max(1000, (n-(share-held-slots))*step, to+n*step-horizon-float64(now))
		turn := min(max(soonest, float64(m.turn)), soonest+horizon/2)
		m.turn = int64(math.RoundToEven(turn + n*step))
		wait = math.Ceil(min(turn-float64(now), 1e6))
	}
	return grant{slots: int(slots), from: int64(from), to: int64(to), wait: micro(int64(wait)), late: micro(int64(late))}
}

// fields are what stands in Redis when it stands like the model.
func (m *model) fields() map[string]string {
	f := map[string]string{}
	if m.leased {
		f["t"] = strconv.FormatInt(m.t, 10)
	}
	if m.turn != 0 {
		f["turn"] = strconv.FormatInt(m.turn, 10)
	}
	if m.fell != nil {
		f["now"] = fmt.Sprintf("%d %d", m.fell.milli, m.fell.at)
	}
	if m.signs {
		f["signs"] = fmt.Sprintf("%d %d %d", m.since, m.n, m.bad)
	}
	if m.override != 0 {
		f["override"] = fmt.Sprintf("%s %d", number(m.override), m.until)
	}
	for name, w := range m.members {
		f["w:"+name] = fmt.Sprintf("%s %d %d", number(w.rate), w.burst, w.until)
	}
	return f
}
