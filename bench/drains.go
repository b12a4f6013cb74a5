package main

import (
	"context"

	"wxdispatch/internal/message"
)

// asynqsOwn are the commands that asynq's server sends a message: take it, and
// say that it is done.
const asynqsOwn = 2

// Goals of a drain.
const (
	commandsGoal = 2.2 // a message, beyond asynq's own
	rssGoal      = 60  // MB
)

// ratioGoal is what wxdispatch shall reach of the bare worker's throughput.
func ratioGoal(kind message.Kind) float64 {
	if kind == message.WXOpen {
		return 0.8 // it also spends a permit
	}
	return 1
}

// inTurn runs one drain of each side after the other, as often as there are
// rounds.
func inTurn(ctx context.Context, set settings, r *report, sides ...drain) (map[side][]sample, error) {
	found := map[side][]sample{}
	for round := range set.Rounds {
		for _, d := range sides {
			set.progress("%s, round %d of %d", d, round+1, set.Rounds)
			one, err := once(ctx, set, d)
			if err != nil {
				return nil, err
			}
			set.progress("%s, round %d of %d: %.0f messages a second", d, round+1, set.Rounds, one.Rate)
			r.round(d.String(), one)
			found[d.side] = append(found[d.side], one)
		}
	}
	return found, nil
}

// once runs a drain on a stand of its own.
func once(ctx context.Context, set settings, d drain) (sample, error) {
	s, err := openStand(ctx, set, d.load, d.latency)
	if err != nil {
		return sample{}, err
	}
	defer s.close()
	return d.run(s)
}

// drains is the section of that name.
func drains(ctx context.Context, set settings, r *report) error {
	for _, kind := range []message.Kind{message.Template, message.WXOpen} {
		d := drain{side: bareSide, load: load{kind, set.Messages, set.Accounts}, latency: set.Latency, workers: 1, profile: set.Profile}
		other := d
		other.side = ourSide
		found, err := inTurn(ctx, set, r, d, other)
		if err != nil {
			return err
		}
		r.add(drainRows(kind, set, found[bareSide], found[ourSide])...)
	}
	return nil
}

// drainRows are the medians of a kind's drains.
func drainRows(kind message.Kind, set settings, bare, ours []sample) []row {
	both := func(id, name, unit string, f func(sample) float64) row {
		return versus(string(kind)+"."+id, string(kind)+": "+name, unit, medianOf(bare, f), medianOf(ours, f))
	}
	rate := both("rate", "throughput", "messages/s", func(s sample) float64 { return s.Rate })
	rate = rate.with(atLeast("ratio", *rate.Ratio, ratioGoal(kind)))
	if most := float64(greatestRate * set.Accounts); *rate.Ours > 0.97*most {
		rate = rate.noting("the configured pace of %.0f binds; more with --accounts", most)
	}
	sent := both("sent", "commands that the worker sends", "a message", func(s sample) float64 { return s.Sent })
	beyond := *sent.Ours - asynqsOwn
	rss := both("rss", "worker's memory, at most", "MB", func(s sample) float64 { return s.RSS / 1e6 })
	return []row{
		rate,
		both("cpu.worker", "processor, worker", "s/1,000", func(s sample) float64 { return s.WorkerCPU }),
		both("cpu.redis", "processor, Redis", "s/1,000", func(s sample) float64 { return s.RedisCPU }),
		both("cpu.wechat", "processor, stand-in", "s/1,000", func(s sample) float64 { return s.WeChatCPU }),
		sent.with(atMost("beyond asynq's 2", beyond, commandsGoal)).noting("beyond: %.3g", beyond),
		both("commands", "commands in Redis, scripts' own included", "a message", func(s sample) float64 { return s.Inside }),
		both("in", "bytes to Redis", "a message", func(s sample) float64 { return s.In }),
		both("out", "bytes from Redis", "a message", func(s sample) float64 { return s.Out }),
		both("enqueue", "enqueue in bulk; bare: asynq.Client, 32 at once", "messages/s", func(s sample) float64 { return s.Fill }),
		rss.with(atMost("wxdispatch", *rss.Ours, rssGoal)),
		both("queued", "memory of Redis, queued", "bytes", func(s sample) float64 { return s.Queued }),
		both("finished", "memory of Redis, finished", "bytes", func(s sample) float64 { return s.Finished }),
	}
}
