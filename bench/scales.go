package main

import (
	"context"
	"fmt"
	"time"

	"wxdispatch/internal/message"
)

// scaleGoal is what two workers shall do of one's throughput.
const scaleGoal = 1.8

const (
	// farAway is how far Redis is from the workers there.
	farAway = time.Millisecond
	// farAnswer is about what WeChat takes to answer from a Chinese cloud. With it a
	// worker waits for the most part; without, one fills the processors that two
	// have to share here.
	farAnswer = 50 * time.Millisecond
)

// scales is the section of that name.
func scales(ctx context.Context, set settings, r *report) error {
	for _, answers := range []time.Duration{0, farAnswer} {
		one := drain{side: ourSide, load: load{message.Template, set.Messages, set.Accounts}, latency: farAway, answers: answers, workers: 1}
		two := one
		two.workers = 2
		found := map[int][]sample{}
		for range set.Rounds {
			for _, d := range []drain{one, two} {
				set.progress("%s", d)
				s, err := once(ctx, set, d)
				if err != nil {
					return err
				}
				r.round("scale: "+d.String(), s)
				found[d.workers] = append(found[d.workers], s)
			}
		}
		r.add(scaleRows(answers, r.Machine.Processors, found[1], found[2])...)
	}
	return nil
}

// scaleRows are the medians of one worker and of two. Where the machine has not the
// processors for the goal, however well workers share, there is no verdict.
func scaleRows(answers time.Duration, processors int, single, double []sample) []row {
	id, when := "scale", "WeChat answers at once"
	if answers > 0 {
		id, when = "scale.far", fmt.Sprintf("WeChat answers after %s", answers)
	}
	rate := func(s sample) float64 { return s.Rate }
	busy := func(s sample) float64 { return s.Rate / 1000 * (s.WorkerCPU + s.RedisCPU + s.WeChatCPU) }
	a, b, filled := medianOf(single, rate), medianOf(double, rate), medianOf(single, busy)
	ratio := b / a
	one := alone(id+".one", "one worker, Redis 1 ms away, "+when, "messages/s", a)
	two := alone(id+".two", "two workers, Redis 1 ms away, "+when, "messages/s", b)
	two.Ratio = &ratio
	note := fmt.Sprintf("ratio: to one worker; %.1f of %d processors busy", medianOf(double, busy), processors)
	if scaleGoal*filled > float64(processors) {
		note += ", which bind"
	} else {
		two = two.with(atLeast("ratio", ratio, scaleGoal))
	}
	return []row{one.noting("%.1f of %d processors busy", filled, processors), two.noting("%s", note)}
}
