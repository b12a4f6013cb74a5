package park

import (
	"context"
	"log/slog"
	"time"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
)

const (
	// claimFor keeps other workers from trying at the same time; after it the
	// ledger itself lets one message a window through.
	claimFor = time.Second
	// probeTimeout is how long a probe may wait for a token and a slot. Its call
	// and what is written of it outlive that.
	probeTimeout = 30 * time.Second
	// page and pages bound the look for a message that has not ended: the queue
	// keeps those that were cancelled until their turn.
	page, pages = 100, 50
	// longestRest is how long a probe that could not begin is left alone.
	longestRest = 10 * time.Second
)

// Probe finds out whether a park is over.
type Probe interface {
	// Claim takes the right to probe for a time; false: someone has it.
	Claim(ctx context.Context, what string, d time.Duration) (bool, error)
	// Oldest returns messages of a kind that wait and have not ended, from the
	// from-th place in the queue on, looking at n places. more tells whether the
	// queue goes on.
	Oldest(ctx context.Context, kind message.Kind, from, n int64) (jobs []message.Job, more bool, err error)
	// Handle brings a message on its way, outside the queue.
	Handle(ctx context.Context, job message.Job) message.Verdict
}

// probe has one message of a kind that may be tried find out. Its task stays in
// the queue, and finds later where the message stands.
func (k *Keeper) probe(s ledger.Standing) {
	var kinds []message.Kind
	for _, kind := range k.o.Kinds {
		if probeable(s.Parks, kind, s.Now) {
			kinds = append(kinds, kind)
		}
	}
	if len(kinds) == 0 || k.life.Err() != nil || time.Now().UnixMilli() < k.rest.Load() || !k.probing.CompareAndSwap(false, true) {
		return
	}
	k.done.Go(func() {
		defer k.probing.Store(false)
		ctx, cancel := context.WithTimeout(k.life, probeTimeout)
		defer cancel()
		if err := k.try(ctx, kinds); err != nil {
			k.log.Warn("whether a park is over could not be tried", slog.Any("error", err))
		}
		k.Wake()
	})
}

// try tries kind after kind until one message had its say.
func (k *Keeper) try(ctx context.Context, kinds []message.Kind) error {
	if mine, err := k.o.Probe.Claim(ctx, "probe", claimFor); err != nil || !mine {
		return err
	}
	for _, kind := range kinds {
		for at := int64(0); at < page*pages; at += page {
			jobs, more, err := k.o.Probe.Oldest(ctx, kind, at, page)
			if err != nil {
				return err
			}
			if k.one(ctx, kind, jobs) || !more || ctx.Err() != nil {
				break
			}
		}
	}
	return nil
}

// one brings the first of some messages on that has not ended and is nobody's,
// and tells whether there was one.
func (k *Keeper) one(ctx context.Context, kind message.Kind, jobs []message.Job) bool {
	for _, job := range jobs {
		v := k.o.Probe.Handle(ctx, job)
		if passed(v) {
			continue
		}
		k.log.Info("a message tried whether the park is over", slog.String("kind", string(kind)), slog.String("id", job.Message.ID),
			slog.String("state", string(v.State)), slog.String("reason", v.Reason))
		if v.Next == message.Again && !v.Parked { // it may not have begun: no token, no slot
			k.rest.Store(time.Now().Add(min(v.After, longestRest)).UnixMilli())
		}
		return true
	}
	return false
}

// passed tells whether a message had nothing to say of the park: another run has
// it, it holds for the night, or it ended without a call.
func passed(v message.Verdict) bool {
	switch v.State {
	case message.Expired, message.Suppressed, message.Cancelled, message.Unpermitted:
		return true
	}
	switch v.Reason {
	case "sending", "unwritten", "quiet_hours", "late":
		return v.Next == message.Again
	}
	return false
}
