package main

import (
	"context"
	"time"

	"wxdispatch/internal/message"
)

// scaleGoal is what two workers shall do of one's throughput.
const scaleGoal = 1.8

// farAway is how far Redis is from the workers there.
const farAway = time.Millisecond

// scales is the section of that name.
func scales(ctx context.Context, set settings, r *report) error {
	one := drain{side: ourSide, load: load{message.Template, set.Messages, set.Accounts}, latency: farAway, workers: 1}
	two := one
	two.workers = 2
	var single, double []sample
	for range set.Rounds {
		for _, d := range []drain{one, two} {
			set.progress("%s", d)
			found, err := once(ctx, set, d)
			if err != nil {
				return err
			}
			r.round("scale: "+d.String(), found)
			if d.workers == 1 {
				single = append(single, found)
			} else {
				double = append(double, found)
			}
		}
	}
	rate := func(s sample) float64 { return s.Rate }
	a, b := medianOf(single, rate), medianOf(double, rate)
	ratio := b / a
	r.add(alone("scale.one", "one worker, Redis 1 ms away", "messages/s", a))
	pair := alone("scale.two", "two workers, Redis 1 ms away", "messages/s", b)
	pair.Ratio = &ratio
	r.add(pair.with(atLeast("ratio", ratio, scaleGoal)).noting("ratio: to one worker"))
	return nil
}
