package pace

import "time"

// deal hands out what is there to those who wait, asks Redis for more when it
// will not do, and sees to it that it is called again in time. The lock is
// held.
func (p *Pacer) deal() {
	now := time.Now()
	next := p.hand(now)
	if p.closed {
		return
	}
	p.ask(now)
	if p.queue.len() == 0 || p.calls >= p.limits.concurrency {
		return // who comes or ends deals
	}
	if !p.leasing && p.retry.After(now) && (next.IsZero() || p.retry.Before(next)) {
		next = p.retry
	}
	if !next.IsZero() {
		p.dealAt(next)
	}
}

func (p *Pacer) dealAt(t time.Time) {
	if p.wake == nil {
		p.wake = time.AfterFunc(time.Until(t), p.woken)
		return
	}
	p.wake.Reset(time.Until(t))
}

func (p *Pacer) woken() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deal()
}

// hand gives slots to those who wait, in their order, and returns when the
// next one comes, zero when there is none.
func (p *Pacer) hand(now time.Time) (next time.Time) {
	for {
		moment, ok := p.moment(now)
		if !ok {
			return time.Time{}
		}
		if p.queue.len() == 0 || p.calls >= p.limits.concurrency {
			return moment
		}
		good, ok := p.blocks[0].take(moment, now)
		if !ok {
			return later(moment, now.Add(time.Microsecond))
		}
		p.calls++
		p.demand.took(now)
		p.queue.pop().slot <- good
	}
}

// moment is when the next slot comes; blocks that are over are dropped.
func (p *Pacer) moment(now time.Time) (time.Time, bool) {
	for len(p.blocks) > 0 {
		if moment, ok := p.blocks[0].next(now); ok {
			return moment, true
		}
		p.blocks = p.blocks[1:]
	}
	return time.Time{}, false
}

// ask leases more slots when those that are there will not do. One trip is
// under way at most.
func (p *Pacer) ask(now time.Time) {
	if p.leasing || now.Before(p.retry) {
		return
	}
	left := 0
	for _, b := range p.blocks {
		left += b.left(now)
	}
	ready := min(p.queue.len(), p.limits.concurrency-p.calls)
	if want := p.demand.want(ready, left, now); want > 0 {
		p.trip(now, want, left)
	}
}
