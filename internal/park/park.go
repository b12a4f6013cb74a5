// Package park keeps the lanes of an account where the account's parks want
// them: stopped while one holds them, running otherwise.
//
// Its promise: a lane that is parked makes no call but the probe, on any worker,
// and asks Redis for nothing; its queue is paused, so that the web UI shows it,
// and of all pauses only our own are ended; within a second of a park or its end
// every worker has followed. What parks is decided by an answer of WeChat's
// (internal/dispatch), the day's count (internal/ledger) or a person. It holds
// no state that is not in Redis, so any worker may die at any time.
package park

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/tasks"
)

const (
	// lookEvery is how often parks are looked at when nobody tells of a change.
	lookEvery = time.Second
	// soonest keeps a park whose end is now from being looked at in a tight loop.
	soonest = 20 * time.Millisecond
	// stale is how old a look may be that is shown as what is.
	stale = 10 * time.Second
	// turnTimeout bounds one look and what follows from it.
	turnTimeout = 3 * time.Second
)

// Book is where parks stand.
type Book interface {
	// Look tells what stops the account, and takes away what is over; one trip.
	Look(ctx context.Context, account string) (ledger.Standing, error)
	// Unpark ends the parks of a kind for the given reasons.
	Unpark(ctx context.Context, account string, kind message.Kind, why string, info ledger.ParkInfo, reasons ...string) (int, error)
	// Note tells the account's log.
	Note(ctx context.Context, account, what, scope, reason string, info ledger.ParkInfo) error
}

// Queues pauses queues where operators see it.
type Queues interface {
	// Hold pauses the queue of a lane and tells whether it was, and by whom.
	Hold(ctx context.Context, lane message.Lane) (tasks.Pause, error)
	// Release ends a pause of ours.
	Release(ctx context.Context, lane message.Lane) (bool, error)
}

// Lane is what drains one kind. Neither method blocks for long.
type Lane interface {
	// Start goes on; it does nothing where the lane runs.
	Start() error
	// Park stops until Start.
	Park()
}

// Options say which account is kept, and with what.
type Options struct {
	Account string
	Kinds   []message.Kind
	Book    Book
	Queues  Queues
	Lanes   map[message.Kind]Lane
	Probe   Probe
	Quotas  map[message.Kind]int // of the configuration; a kind that is absent has no limit
	Host    string               // this machine, for the log
	Log     *slog.Logger
}

// Keeper keeps one account's lanes from Start to Stop.
type Keeper struct {
	o       Options
	log     *slog.Logger
	quotas  atomic.Pointer[map[message.Kind]int]
	seen    atomic.Pointer[ledger.Standing]
	seenAt  atomic.Int64 // unix ms of this machine
	wake    chan struct{}
	life    context.Context // ends with Stop
	cancel  context.CancelFunc
	done    sync.WaitGroup
	held    map[message.Kind]string    // what holds each lane, as this worker followed it
	paused  map[message.Kind]time.Time // since when what holds a queue stands that this worker saw paused
	limits  map[message.Kind]int       // the quotas that were compared with what is parked
	probing atomic.Bool
	rest    atomic.Int64 // no probe before then, unix ms of this machine
}

// New makes a keeper. It starts nothing.
func New(o Options) *Keeper {
	k := &Keeper{o: o, log: o.Log.With(slog.String("account", o.Account)), wake: make(chan struct{}, 1),
		held: map[message.Kind]string{}, paused: map[message.Kind]time.Time{}, limits: map[message.Kind]int{}}
	k.quotas.Store(&o.Quotas)
	k.life, k.cancel = context.WithCancel(context.Background())
	return k
}

// Start looks once, starts the lanes that nothing holds, and keeps them so. An
// error is of that look: Redis is away, and no lane runs until it is back.
func (k *Keeper) Start() error {
	_, err := k.turn(k.life)
	k.done.Go(func() { k.keep(k.life) })
	return err
}

// Stop ends the keeping and waits for a probe that runs. The lanes stay as they
// are: whoever made them stops them.
func (k *Keeper) Stop() {
	k.cancel()
	k.done.Wait()
}

// Wake has the parks looked at at once. It does not block.
func (k *Keeper) Wake() {
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// SetQuotas changes the configuration's quotas.
func (k *Keeper) SetQuotas(quotas map[message.Kind]int) {
	k.quotas.Store(&quotas)
	k.Wake()
}

// Seen is what the last look told; nil when none has succeeded for a while.
func (k *Keeper) Seen() *ledger.Standing {
	if time.Since(time.UnixMilli(k.seenAt.Load())) > stale {
		return nil
	}
	return k.seen.Load()
}

// keep looks again and again. What fails is tried again: Redis may be away, and
// then lanes stay as they are.
func (k *Keeper) keep(ctx context.Context) {
	timer, away := time.NewTimer(lookEvery), false
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-k.wake:
		}
		next, err := k.turn(ctx)
		if err != nil && !away && ctx.Err() == nil {
			k.log.Warn("parks cannot be looked at; lanes stay as they are", slog.Any("error", err))
		}
		away = err != nil
		timer.Reset(next)
	}
}
