package park

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/tasks"
)

// turn is one look and what follows from it; it answers when to look again.
func (k *Keeper) turn(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, turnTimeout)
	defer cancel()
	s, err := k.o.Book.Look(ctx, k.o.Account)
	if err != nil {
		return lookEvery, err
	}
	k.seen.Store(&s)
	k.seenAt.Store(time.Now().UnixMilli())
	errs := []error{k.raise(ctx, s)}
	for _, kind := range k.o.Kinds {
		if holds := holding(s.Parks, kind); len(holds) > 0 {
			errs = append(errs, k.park(ctx, kind, holds))
		} else {
			errs = append(errs, k.unpark(ctx, kind))
		}
	}
	k.probe(s)
	return wait(s), errors.Join(errs...)
}

// park stops a lane, its queue first, which reaches all workers.
func (k *Keeper) park(ctx context.Context, kind message.Kind, holds []ledger.Parked) error {
	pause, err := k.o.Queues.Hold(ctx, k.lane(kind))
	k.o.Lanes[kind].Park()
	told := tell(holds)
	if k.held[kind] != told {
		k.held[kind] = told
		k.log.Warn("lane parked", slog.String("kind", string(kind)), slog.String("why", told))
	}
	if err != nil {
		return err
	}
	since := latest(holds)
	if pause == tasks.PausedNow && k.paused[kind].Equal(since) {
		if err := k.putBack(ctx, kind, told); err != nil {
			return err
		}
	}
	k.paused[kind] = since
	return nil
}

// putBack tells that somebody resumed the queue by hand while it is parked,
// unless the park has ended meanwhile.
func (k *Keeper) putBack(ctx context.Context, kind message.Kind, told string) error {
	s, err := k.o.Book.Look(ctx, k.o.Account)
	if err != nil {
		return err
	}
	if len(holding(s.Parks, kind)) == 0 {
		return k.unpark(ctx, kind)
	}
	k.log.Warn("the queue was resumed in the web UI while it is parked; the pause was put back: use enqueue account unpark",
		slog.String("kind", string(kind)), slog.String("why", told))
	return k.o.Book.Note(ctx, k.o.Account, "resume_put_back", string(kind), told, ledger.ParkInfo{Host: k.o.Host})
}

// unpark lets a lane run. Our pause is looked at in every turn: whoever set it
// may have died, or have been late.
func (k *Keeper) unpark(ctx context.Context, kind message.Kind) error {
	_, err := k.o.Queues.Release(ctx, k.lane(kind))
	delete(k.paused, kind)
	if k.held[kind] != "" {
		k.log.Info("lane goes on", slog.String("kind", string(kind)), slog.String("was", k.held[kind]))
		delete(k.held, kind)
	}
	return errors.Join(err, k.o.Lanes[kind].Start())
}

// lane is a kind's single messages.
func (k *Keeper) lane(kind message.Kind) message.Lane {
	return message.Lane{Account: k.o.Account, Kind: kind}
}
