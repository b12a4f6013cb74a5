package pace

import (
	"context"
	"log/slog"
	"time"

	"wxdispatch/internal/fault"
)

const (
	// tripTimeout bounds one trip to Redis.
	tripTimeout = time.Second
	// tripPause is the wait after one that failed.
	tripPause = 250 * time.Millisecond
	// reportEvery is how often a worker that leases nothing tells Redis what
	// its configuration says, and hears of the rates.
	reportEvery = 5 * time.Second
)

// Start tells Redis of this worker, now and every few seconds. It does not
// block.
func (p *Pacer) Start() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.beat != nil {
		return
	}
	p.beat = time.AfterFunc(0, p.beats)
}

func (p *Pacer) beats() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.report()
	if !p.closed {
		p.beat.Reset(reportEvery)
	}
}

// report makes a trip when there was none lately. The lock is held.
func (p *Pacer) report() {
	now := time.Now()
	if p.closed || p.leasing || now.Sub(p.asked) < reportEvery || now.Before(p.retry) {
		return
	}
	p.trip(now, 0, 0)
}

// trip asks Redis in the background. The lock is held.
func (p *Pacer) trip(now time.Time, want, held int) {
	p.leasing, p.asked = true, now
	calls, bad := p.signs.read(now)
	q := question{worker: p.worker, limits: p.limits, want: want, held: held, calls: calls, bad: bad}
	p.trips.Go(func() {
		ctx, cancel := context.WithTimeout(p.ctx, tripTimeout)
		defer cancel()
		sent := time.Now()
		g, err := p.line.lease(ctx, q)
		p.back(q, g, err, sent, time.Now())
	})
}

// back takes what a trip brought.
func (p *Pacer) back(q question, g grant, err error, sent, heard time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leasing = false
	if err != nil {
		p.retry, p.reached = heard.Add(tripPause), false
		p.deal()
		return
	}
	p.reached = true
	p.signs.told(q.calls, q.bad)
	p.clock.learn(g.now, sent, heard)
	if g.slots > 0 {
		if b := newBlock(g, &p.clock, heard); b != nil {
			p.blocks = append(p.blocks, b)
		}
	}
	if q.want > 0 {
		p.retry = heard.Add(g.wait)
	}
	p.workers = g.workers
	p.heard(g.rates)
	p.deal()
	if q.limits != p.limits { // changed meanwhile: all workers shall know
		p.asked = time.Time{}
		p.report()
	}
}

// heard takes word of the rates, and tells of what changed.
func (p *Pacer) heard(r Rates) {
	was := p.rates
	p.rates = r
	if p.told != nil {
		p.told(r)
	}
	if r.Configured != was.Configured || r.Highest != was.Highest {
		p.apart(r)
	}
	switch {
	case was.Now == was.Configured && r.Now < r.Configured: // what follows is in the metric
		p.log.Warn("WeChat pushes back: all workers send slower", slog.Float64("rate_now", r.Now), slog.Float64("rate_configured", r.Configured))
	case was.Now < was.Configured && r.Now == r.Configured:
		p.log.Info("the configured rate is in force again", slog.Float64("rate", r.Configured))
	}
}

// apart tells when something else than this worker's configuration holds.
func (p *Pacer) apart(r Rates) {
	if r.Configured == p.limits.rate && r.Highest == p.limits.rate {
		return
	}
	p.log.Warn("workers' configurations disagree on the account's rate, or an operator has set it; the rate holds for all workers",
		slog.Float64("rate", r.Configured), slog.Float64("configured_here", p.limits.rate), slog.Float64("highest_configured", r.Highest))
}

// Close ends all waits, and gives back to the account's other workers what was
// leased and not used.
func (p *Pacer) Close() {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return
	}
	p.closed = true
	for _, w := range p.queue.drain() {
		close(w.slot)
	}
	for _, timer := range []*time.Timer{p.wake, p.beat} {
		if timer != nil {
			timer.Stop()
		}
	}
	p.mu.Unlock()
	p.cancel()
	p.trips.Wait()
	p.giveBack()
}

func (p *Pacer) giveBack() {
	p.mu.Lock()
	var from, to int64
	if n := len(p.blocks); n > 0 {
		from, to = p.blocks[n-1].rest(time.Now())
	}
	p.blocks = nil
	reached := p.reached
	p.mu.Unlock()
	if !reached {
		return // it leaves nothing, or Redis is away and the end shall not wait for it
	}
	ctx, cancel := context.WithTimeout(context.Background(), tripTimeout)
	defer cancel()
	if err := p.line.leave(ctx, p.worker, from, to); err != nil {
		p.log.Debug("leased slots lapse unused", slog.String("class", string(fault.ClassOf(err))))
	}
}

// Places is how many calls of this worker may wait for slots: what the rate in
// force lets through within two seconds, shared by the account's workers; 1 at
// least.
func (p *Pacer) Places() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return places(p.rates.Now, p.workers)
}

// ahead is how many seconds' messages wait in the workers rather than in the
// queue.
const ahead = 2

func places(rate float64, workers int) int { return max(1, int(rate*ahead)/max(1, workers)) }
