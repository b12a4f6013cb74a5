package main

import (
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
)

// producer hands single messages over to a worker that runs.
type producer struct {
	stand *stand
	who   side
	put   func(i int) error
	next  int // message
}

func newProducer(s *stand, who side) *producer {
	return &producer{stand: s, who: who, put: s.putter(who)}
}

// single sends one message after the other to an idle queue.
func (p *producer) single(n int) (waits, error) {
	return p.due(n, func(i int) time.Duration {
		return time.Duration(i)*between + time.Duration(i%50)*time.Millisecond
	})
}

// stream sends messages at a rate for a time, however fast they are taken.
func (p *producer) stream(rate float64, d time.Duration) (waits, error) {
	n := max(1, int(rate*d.Seconds()))
	w, err := p.due(n, func(i int) time.Duration { return time.Duration(float64(i) / rate * float64(time.Second)) })
	w.Wanted = rate
	return w, err
}

// due hands each of n messages over at its time, from now on, and tells how long
// after the call the stand-in had it.
func (p *producer) due(n int, when func(i int) time.Duration) (waits, error) {
	if err := p.stand.wechat.ask("reset", nil); err != nil {
		return waits{}, err
	}
	first, called := p.next, make([]time.Time, n)
	p.next += n
	begun, line := time.Now(), make(chan int, n)
	var group errgroup.Group
	for range 2 * producers {
		group.Go(func() error {
			var failed error
			for i := range line {
				called[i] = time.Now()
				if err := p.put(first + i); failed == nil {
					failed = err
				}
			}
			return failed
		})
	}
	for i := range n {
		time.Sleep(time.Until(begun.Add(when(i))))
		line <- i
		if p.stand.ctx.Err() != nil {
			break
		}
	}
	close(line)
	if err := group.Wait(); err != nil {
		return waits{}, err
	}
	lasted := time.Since(begun)
	if err := p.stand.sent(n, string(p.who)); err != nil {
		return waits{}, err
	}
	w, err := p.arrived(first, called)
	w.Rate = float64(n) / lasted.Seconds()
	return w, err
}

// arrived compares when messages were handed over with when the stand-in had
// them; both clocks are this machine's.
func (p *producer) arrived(first int, called []time.Time) (waits, error) {
	var arrivals map[string]int64
	if err := p.stand.wechat.ask("arrivals", &arrivals); err != nil {
		return waits{}, err
	}
	times := make([]time.Duration, len(called))
	for i, at := range called {
		arrived, ok := arrivals[openid(first+i)]
		if !ok {
			return waits{}, fmt.Errorf("message %d did not arrive, though as many did as were sent", first+i)
		}
		times[i] = time.Unix(0, arrived).Sub(at)
	}
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	return waits{P50: ms(percentile(times, 50)), P99: ms(percentile(times, 99))}, nil
}

// ahead is how many messages may wait while the greatest rate is found out.
const ahead = 500

// flood hands messages over as fast as they are sent, for a time, and tells the
// rate at which they arrived: taking and sending share the machine.
func (p *producer) flood(d time.Duration) (float64, error) {
	if err := p.stand.wechat.ask("reset", nil); err != nil {
		return 0, err
	}
	first, end := p.next, time.Now().Add(d)
	for time.Now().Before(end) {
		if err := p.room(); err != nil {
			return 0, err
		}
		if err := each(producers, p.next, p.next+ahead/2, p.put); err != nil {
			return 0, err
		}
		p.next += ahead / 2
	}
	if err := p.stand.sent(p.next-first, string(p.who)); err != nil {
		return 0, err
	}
	var w window
	err := p.stand.wechat.ask("window", &w)
	return w.rate(), err
}

// room waits until few messages wait.
func (p *producer) room() error {
	s := p.stand
	return until(s.ctx, 2*time.Millisecond, func() (bool, error) {
		n, err := s.client.LLen(s.ctx, "asynq:{"+s.load.queues(p.who)[0]+"}:pending").Result()
		return n < ahead/2, err
	})
}
