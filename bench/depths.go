package main

import (
	"context"
	"fmt"

	"wxdispatch/internal/message"
)

// shallow is the queue that a deep one is compared with.
const shallow = 10_000

// depthGoal is how much more a message may cost in the deep queue.
const depthGoal = 1.1

// depths is the section of that name: the same messages are sent, alone and with
// very many behind them.
func depths(ctx context.Context, set settings, r *report) error {
	n := min(set.Messages, shallow)
	flat := drain{side: ourSide, load: load{message.Template, n, 1}, latency: set.Latency, workers: 1}
	deep := flat
	deep.behind = max(0, set.Depth-n)
	var low, high []sample
	for range set.Rounds {
		for d, into := range map[*drain]*[]sample{&flat: &low, &deep: &high} {
			set.progress("%s", d)
			one, err := once(ctx, set, *d)
			if err != nil {
				return err
			}
			r.round("depth: "+d.String(), one)
			*into = append(*into, one)
		}
	}
	cost := func(s sample) float64 { return s.WorkerCPU + s.RedisCPU }
	few, many := medianOf(low, cost), medianOf(high, cost)
	growth := many / few
	r.add(alone("depth.few", fmt.Sprintf("processor, worker and Redis, %d queued", n), "s/1,000", few))
	grown := alone("depth.many", fmt.Sprintf("processor, worker and Redis, %d queued", max(n, set.Depth)), "s/1,000", many)
	grown.Ratio = &growth
	r.add(grown.with(atMost("ratio", growth, depthGoal)).noting("ratio: to %d queued", n))
	return nil
}
