package main

import (
	"context"
	"fmt"
	"time"

	"wxdispatch/internal/message"
)

// Goals of an idle queue.
const (
	idleGoal  = 60 // ms, p99 from enqueue to the stand-in
	pollsGoal = 40 // a second and idle lane
)

// between is the pause between two messages to an idle queue; it grows by a
// little each time, so that it keeps no step with the polls.
const between = 300 * time.Millisecond

// shares are the rates that messages come in at, of the greatest.
func shares() []float64 { return []float64{0.1, 0.5, 0.9} }

// spell is what one side showed in one round, in milliseconds.
type spell struct {
	Polls    float64 `json:"polls_per_second_and_lane"`
	Greatest float64 `json:"greatest_rate"` // that messages are taken and sent at, at the same time
	Idle     waits   `json:"idle"`
	At       []waits `json:"at_shares_of_the_greatest_rate"`
}

// waits are the times from the producer's call to the stand-in, in milliseconds.
type waits struct {
	Wanted float64 `json:"wanted_per_second"`
	Rate   float64 `json:"produced_per_second"`
	P50    float64 `json:"p50_ms"`
	P99    float64 `json:"p99_ms"`
}

// latencies is the section of that name. Both sides get messages at the same
// rates: shares of the greatest that wxdispatch had in the first round.
func latencies(ctx context.Context, set settings, r *report) error {
	found := map[side][]spell{}
	greatest := 0.0
	for round := range set.Rounds {
		for _, who := range []side{ourSide, bareSide} {
			set.progress("latency, %s, round %d of %d", who, round+1, set.Rounds)
			one, err := latency(ctx, set, who, greatest)
			if err != nil {
				return fmt.Errorf("%s: %w", who, err)
			}
			if greatest == 0 {
				greatest = one.Greatest
			}
			r.round("latency: "+string(who), one)
			found[who] = append(found[who], one)
		}
	}
	r.add(latencyRows(found[bareSide], found[ourSide])...)
	return nil
}

// latency is one side's round; a greatest rate of 0 is found out.
func latency(ctx context.Context, set settings, who side, greatest float64) (spell, error) {
	s, err := openStand(ctx, set, load{kind: message.Template, accounts: 1}, set.Latency)
	if err != nil {
		return spell{}, err
	}
	defer s.close()
	w, err := s.worker(who, "worker", "")
	if err != nil {
		return spell{}, err
	}
	defer w.stop()
	p := newProducer(s, who)
	if _, err := p.single(3); err != nil { // connections and scripts are there
		return spell{}, err
	}
	out := spell{}
	if out.Polls, err = polls(s, w, who); err != nil {
		return out, err
	}
	if out.Idle, err = p.single(set.Singles); err != nil {
		return out, err
	}
	if out.Greatest, err = p.flood(set.Each); err != nil {
		return out, err
	}
	if greatest == 0 {
		greatest = out.Greatest
	}
	for _, share := range shares() {
		at, err := p.stream(share*greatest, set.Each)
		if err != nil {
			return out, err
		}
		set.progress("latency, %s at %.0f a second: p50 %.1f ms, p99 %.1f ms", who, at.Rate, at.P50, at.P99)
		out.At = append(out.At, at)
	}
	return out, nil
}

// polls counts for a time how often a second a worker asks for a task.
func polls(s *stand, w *process, who side) (float64, error) {
	var before, after counted
	if err := w.ask("counts", &before); err != nil {
		return 0, err
	}
	begun := time.Now()
	select {
	case <-time.After(s.set.Each):
	case <-s.ctx.Done():
		return 0, s.ctx.Err()
	}
	err := w.ask("counts", &after)
	queue := "asynq:{" + s.load.queues(who)[0] + "}"
	return float64(after.Polls[queue]-before.Polls[queue]) / time.Since(begun).Seconds(), err
}

// latencyRows are the medians of the rounds.
func latencyRows(bare, ours []spell) []row {
	both := func(id, name string, f func(spell) float64) row {
		return versus("latency."+id, name, "ms", medianOf(bare, f), medianOf(ours, f))
	}
	p99 := both("idle.p99", "enqueue to WeChat, idle queue, p99", func(s spell) float64 { return s.Idle.P99 })
	polls := versus("latency.polls", "an idle lane asks for tasks", "a second",
		medianOf(bare, func(s spell) float64 { return s.Polls }), medianOf(ours, func(s spell) float64 { return s.Polls }))
	rate := versus("latency.greatest", "greatest rate, taken and sent at once", "messages/s",
		medianOf(bare, func(s spell) float64 { return s.Greatest }), medianOf(ours, func(s spell) float64 { return s.Greatest }))
	rows := []row{
		both("idle.p50", "enqueue to WeChat, idle queue, p50", func(s spell) float64 { return s.Idle.P50 }),
		p99.with(atMost("wxdispatch", *p99.Ours, idleGoal)),
		polls.with(atMost("wxdispatch", *polls.Ours, pollsGoal)),
		rate,
	}
	for i, share := range shares() {
		name := fmt.Sprintf("enqueue to WeChat, %.0f %% of that, ", 100*share)
		id := fmt.Sprintf("at%.0f.", 100*share)
		wanted := func(s spell) float64 { return s.At[i].Wanted }
		made := both("", "", func(s spell) float64 { return s.At[i].Rate })
		note := fmt.Sprintf("%.0f/s wanted, made %.0f and %.0f", medianOf(ours, wanted), *made.Bare, *made.Ours)
		rows = append(rows,
			both(id+"p50", name+"p50", func(s spell) float64 { return s.At[i].P50 }).noting("%s", note),
			both(id+"p99", name+"p99", func(s spell) float64 { return s.At[i].P99 }))
	}
	return rows
}
