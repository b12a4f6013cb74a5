package tender

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/tasks"
)

// turn is one look and what follows from it.
func (t *Tender) turn(ctx context.Context) error {
	known, over, err := t.o.Book.Batches(ctx, t.o.Account)
	if err != nil {
		return err
	}
	t.seen.Store(&known)
	all := t.looks%doneEvery == 0
	t.looks++
	var looked []*ledger.Batch
	var lanes []message.Lane
	for _, b := range known {
		if all || b.DoneAt.IsZero() || t.has(b) {
			looked = append(looked, b)
			lanes = append(lanes, b.Lanes()...)
		}
	}
	backlogs, err := t.o.Queues.Backlogs(ctx, lanes)
	if err != nil {
		return err
	}
	var errs []error
	quiet := t.quiet()
	for _, b := range looked {
		n := len(b.Kinds)
		errs = append(errs, t.tend(ctx, b, backlogs[:n], quiet))
		backlogs = backlogs[n:]
	}
	for _, name := range over {
		errs = append(errs, t.forget(ctx, name))
	}
	t.letGo(known)
	return errors.Join(errs...)
}

// tend brings the lanes of one batch where they belong.
func (t *Tender) tend(ctx context.Context, b *ledger.Batch, backlogs []tasks.Backlog, quiet bool) error {
	waits, runs := 0, 0
	for _, backlog := range backlogs {
		waits += backlog.Waits()
		runs += backlog.States["active"]
	}
	errs := []error{t.stand(ctx, b, waits)}
	for i, lane := range b.Lanes() {
		why := holds(b, backlogs[i], quiet)
		if why == "" && !t.mayGo(lane.Kind) {
			why = "parked"
		}
		errs = append(errs, t.set(ctx, lane, b, backlogs[i], why))
	}
	if b.State == ledger.BatchCancelled && waits > runs {
		t.clear(b)
	}
	return errors.Join(errs...)
}

// holds says why a lane of a batch stands still, "" when it goes. Of a
// cancelled one it goes only once nothing is left but what a worker had taken
// before: asynq gives that back when the worker died, and it ends then.
func holds(b *ledger.Batch, backlog tasks.Backlog, quiet bool) string {
	switch {
	case b.State == ledger.BatchCancelled && backlog.Waits() > backlog.States["active"]:
		return "cancelled"
	case b.State == ledger.BatchCancelled:
		return ""
	case b.State == ledger.BatchPaused:
		return "paused"
	case quiet && !b.IgnoreQuiet:
		return "quiet_hours"
	}
	return ""
}

// stand writes down when a batch is done, or goes on again.
func (t *Tender) stand(ctx context.Context, b *ledger.Batch, waits int) error {
	if waits > 0 {
		delete(t.empty, b.Name)
		if b.DoneAt.IsZero() {
			return nil
		}
		_, err := t.o.Book.StandBatch(ctx, t.o.Account, b.Name, true, t.o.Keep)
		return err
	}
	t.empty[b.Name]++
	if !b.DoneAt.IsZero() || t.empty[b.Name] < emptyLooks {
		return nil
	}
	done, err := t.o.Book.StandBatch(ctx, t.o.Account, b.Name, false, t.o.Keep)
	if done {
		t.log.Info("batch done", slog.String("batch", b.Name), slog.Int("messages", b.Ends()))
	}
	return err
}

// set makes a lane run, or stand still with its queue paused. The queue goes
// first: it reaches workers that did not look yet.
func (t *Tender) set(ctx context.Context, lane message.Lane, b *ledger.Batch, backlog tasks.Backlog, why string) error {
	if why != "" {
		var err error
		if backlog.Waits() > 0 && backlog.Pause == "" {
			_, err = t.o.Queues.Hold(ctx, lane)
		}
		t.park(lane)
		t.tell(lane, why)
		return err
	}
	var err error
	if backlog.Pause == tasks.PausedBefore {
		_, err = t.o.Queues.Release(ctx, lane)
	}
	t.tell(lane, "")
	if backlog.Waits() == 0 {
		if !b.DoneAt.IsZero() {
			t.end(lane)
		}
		return err
	}
	return errors.Join(err, t.run(lane, b))
}

func (t *Tender) tell(lane message.Lane, why string) {
	before := t.told[lane]
	if before == why {
		return
	}
	log := t.log.With(slog.String("kind", string(lane.Kind)), slog.String("batch", lane.Batch))
	if why == "" {
		delete(t.told, lane)
		log.Info("batch goes on", slog.String("was", before))
		return
	}
	t.told[lane] = why
	log.Info("batch stands still", slog.String("why", why))
}

// run starts a lane, made anew where what it was made for has changed.
func (t *Tender) run(lane message.Lane, b *ledger.Batch) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.draining || !t.goes[lane.Kind] { // parked since
		return nil
	}
	k := t.lanes[lane]
	if k != nil && (k.rate != b.Rate || k.quiet != b.IgnoreQuiet) {
		t.retire(lane)
		k = nil
	}
	if k == nil {
		k = &kept{lane: t.o.Make(lane, b), rate: b.Rate, quiet: b.IgnoreQuiet}
		t.lanes[lane] = k
	}
	return k.lane.Start()
}

func (t *Tender) park(lane message.Lane) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if k := t.lanes[lane]; k != nil {
		k.lane.Park()
	}
}

// end lets go of a lane that has nothing more to do.
func (t *Tender) end(lane message.Lane) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.retire(lane)
}

// retire stops a lane beside; the lock is held.
func (t *Tender) retire(lane message.Lane) {
	k := t.lanes[lane]
	if k == nil {
		return
	}
	delete(t.lanes, lane)
	k.lane.Drain()
	t.done.Go(k.lane.Stop)
}

// letGo ends the lanes of batches that nobody knows any more.
func (t *Tender) letGo(known []*ledger.Batch) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for lane := range t.lanes {
		if !slices.ContainsFunc(known, func(b *ledger.Batch) bool { return b.Name == lane.Batch }) {
			t.retire(lane)
		}
	}
}

// forget takes a batch whose keep is over out of sight, with its queues. What
// is put into one meanwhile keeps it.
func (t *Tender) forget(ctx context.Context, name string) error {
	delete(t.empty, name)
	for _, kind := range t.o.Kinds {
		lane := message.Lane{Account: t.o.Account, Kind: kind, Batch: name}
		delete(t.told, lane)
		if gone, err := t.o.Queues.Drop(ctx, lane); err != nil || !gone {
			return err
		}
	}
	return t.o.Book.ForgetBatch(ctx, t.o.Account, name)
}

// clear ends what waits of a cancelled batch, one worker at a time, beside the
// looks.
func (t *Tender) clear(b *ledger.Batch) {
	if !t.busy.CompareAndSwap(false, true) {
		return
	}
	t.done.Go(func() {
		defer t.busy.Store(false)
		mine, err := t.o.Book.Claim(t.life, t.o.Account, "clear", clearFor)
		if err == nil && mine {
			err = t.o.Clear(t.life, b)
		}
		if err != nil && t.life.Err() == nil {
			t.log.Warn("a cancelled batch could not be cleared; it is tried again", slog.String("batch", b.Name), slog.Any("error", err))
		}
	})
}

func (t *Tender) mayGo(kind message.Kind) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.goes[kind]
}

// has tells whether this worker has a lane of a batch.
func (t *Tender) has(b *ledger.Batch) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, lane := range b.Lanes() {
		if t.lanes[lane] != nil {
			return true
		}
	}
	return false
}
