package main

import "time"

// glance is all counts at one moment.
type glance struct {
	book                           book
	window                         window
	counted                        counted
	workerCPU, redisCPU, wechatCPU time.Duration
	rss                            int64 // of the largest worker
}

// look reads all counts. Processor times come first, for reading the others
// costs some.
func (s *stand) look(workers []*process) (g glance, err error) {
	g.counted = counted{map[string]int64{}, map[string]int64{}}
	if g.redisCPU, err = s.redis.cpu(); err != nil {
		return g, err
	}
	if g.wechatCPU, err = s.wechat.cpu(); err != nil {
		return g, err
	}
	for _, w := range workers {
		if err := g.add(w); err != nil {
			return g, err
		}
	}
	if g.book, err = readBook(s.ctx, s.client); err != nil {
		return g, err
	}
	return g, s.wechat.ask("window", &g.window)
}

// add adds one worker's counts.
func (g *glance) add(w *process) error {
	cpu, err := w.cpu()
	if err != nil {
		return err
	}
	g.workerCPU += cpu
	rss, err := w.peakRSS()
	if err != nil {
		return err
	}
	g.rss = max(g.rss, rss)
	var c counted
	if err := w.ask("counts", &c); err != nil {
		return err
	}
	for name, n := range c.Sent {
		g.counted.Sent[name] += n
	}
	for queue, n := range c.Polls {
		g.counted.Polls[queue] += n
	}
	return nil
}

// since takes away what was there before. Workers are new, and count from
// nothing.
func (g glance) since(before glance) glance {
	g.redisCPU -= before.redisCPU
	g.wechatCPU -= before.wechatCPU
	g.book.in -= before.book.in
	g.book.out -= before.book.out
	for name, n := range before.book.calls {
		g.book.calls[name] -= n
		g.book.usec[name] -= before.book.usec[name]
	}
	return g
}
