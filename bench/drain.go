package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"time"
)

// drain is one run that empties a full queue.
type drain struct {
	side    side
	load    load
	latency time.Duration // between workers and Redis
	answers time.Duration // how long WeChat takes to answer
	workers int           // processes
	behind  int           // messages that wait behind those that are sent
	profile string        // folder for a processor profile; "": none
}

// sample is what one drain showed. Per message unless said otherwise.
type sample struct {
	Rate      float64            `json:"messages_per_second"`
	WorkerCPU float64            `json:"worker_cpu_s_per_1000"`
	RedisCPU  float64            `json:"redis_cpu_s_per_1000"`
	WeChatCPU float64            `json:"stand_in_cpu_s_per_1000"`
	Sent      float64            `json:"commands_sent"`
	SentBy    map[string]float64 `json:"commands_sent_by_name"`
	Inside    float64            `json:"redis_commands"` // those inside scripts included
	InsideBy  map[string]float64 `json:"redis_commands_by_name"`
	UsecBy    map[string]float64 `json:"redis_usec_by_name"`
	In        float64            `json:"redis_bytes_in"`
	Out       float64            `json:"redis_bytes_out"`
	RSS       float64            `json:"worker_peak_rss_bytes"` // of the largest worker
	Queued    float64            `json:"queued_bytes"`
	Finished  float64            `json:"finished_bytes"`
	Fill      float64            `json:"enqueued_per_second"`
	Doubled   int                `json:"doubled"`
	Scripts   []script           `json:"scripts,omitempty"` // with --profile
}

func (d drain) String() string {
	text := fmt.Sprintf("%s, %s", d.load.kind, d.side)
	if d.latency > 0 {
		text += fmt.Sprintf(", Redis %s away", d.latency)
	}
	if d.answers > 0 {
		text += fmt.Sprintf(", WeChat answers after %s", d.answers)
	}
	if d.workers > 1 {
		text += fmt.Sprintf(", %d workers", d.workers)
	}
	if d.behind > 0 {
		text += fmt.Sprintf(", %d behind", d.behind)
	}
	return text
}

// run fills the queue, lets the workers loose and returns what it took.
func (d drain) run(s *stand) (sample, error) {
	empty, err := readBook(s.ctx, s.client)
	if err != nil {
		return sample{}, err
	}
	out := sample{}
	if out.Fill, err = s.fill(d.side); err != nil {
		return sample{}, err
	}
	full, err := readBook(s.ctx, s.client)
	if err != nil {
		return sample{}, err
	}
	if err := s.pile(d.behind); err != nil {
		return sample{}, err
	}
	if d.answers > 0 {
		if err := s.wechat.ask("late "+d.answers.String(), nil); err != nil {
			return sample{}, err
		}
	}
	before, err := s.look(nil)
	if err != nil {
		return sample{}, err
	}
	if err := d.watch(s); err != nil {
		return sample{}, err
	}
	workers, err := d.start(s)
	defer stopAll(workers)
	if err != nil {
		return sample{}, err
	}
	after, err := d.finish(s, workers)
	if err != nil {
		return sample{}, err
	}
	out.add(after.since(before), d.load.n)
	if out.Scripts, err = d.scripts(s); err != nil {
		return sample{}, err
	}
	stopAll(workers)
	done, err := readBook(s.ctx, s.client)
	n := float64(d.load.n)
	out.Queued, out.Finished = float64(full.memory-empty.memory)/n, float64(done.memory-empty.memory)/n
	return out, err
}

func (d drain) start(s *stand) (workers []*process, err error) {
	for i := range d.workers {
		name, profile := fmt.Sprintf("worker-%d", i+1), ""
		if d.profile != "" {
			profile = filepath.Join(d.profile, fmt.Sprintf("%s-%s.pprof", d.side, d.load.kind))
		}
		w, err := s.worker(d.side, name, profile)
		if err != nil {
			return workers, err
		}
		workers = append(workers, w)
	}
	return workers, nil
}

// finish waits for the end and looks once more.
func (d drain) finish(s *stand, workers []*process) (glance, error) {
	if err := s.sent(d.load.n, d.String()); err != nil {
		return glance{}, fmt.Errorf("%w\n%s", err, tail(workers[0].log))
	}
	if d.behind == 0 {
		if err := s.settled(d.side); err != nil {
			return glance{}, err
		}
	}
	return s.look(workers)
}

func stopAll(workers []*process) {
	for _, w := range workers {
		w.stop()
	}
}

// add works the difference of two looks out per message.
func (s *sample) add(g glance, n int) {
	each := func(total float64) float64 { return total / float64(n) }
	s.Rate, s.Doubled = g.window.rate(), g.window.Deliveries-g.window.Distinct
	s.WorkerCPU, s.RedisCPU, s.WeChatCPU = 1000*each(g.workerCPU.Seconds()), 1000*each(g.redisCPU.Seconds()), 1000*each(g.wechatCPU.Seconds())
	s.Sent, s.SentBy = each(float64(g.counted.total())), per(g.counted.Sent, n)
	s.InsideBy, s.UsecBy = per(g.book.calls, n), per(g.book.usec, n)
	for _, one := range slices.Sorted(maps.Keys(s.InsideBy)) {
		s.Inside += s.InsideBy[one]
	}
	s.In, s.Out, s.RSS = each(float64(g.book.in)), each(float64(g.book.out)), float64(g.rss)
}

func per(counts map[string]int64, n int) map[string]float64 {
	out := map[string]float64{}
	for name, count := range counts {
		if count > 0 {
			out[name] = float64(count) / float64(n)
		}
	}
	return out
}
