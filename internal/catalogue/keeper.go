package catalogue

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"wxdispatch/internal/template"
)

const (
	// glance is how often a keeper looks for marks.
	glance = time.Second
	// claim is how long one keeper lists while the others leave it alone.
	claim = 30 * time.Second
)

// Source is WeChat, for one account.
type Source interface {
	// Lists reads all lists of the account; what failed is told list by list. It
	// gives up with ctx.
	Lists(ctx context.Context) []Fetched
}

// KeeperOptions say what a keeper keeps.
type KeeperOptions struct {
	Account   string
	Catalogue *Catalogue
	Source    Source
	// Claim is the right to a piece of the account's housekeeping for a time.
	Claim func(ctx context.Context, what string, d time.Duration) (bool, error)
	Log   *slog.Logger
}

// Keeper reads an account's lists when they are missed or old. Many processes
// may keep one account; one of them lists at a time.
type Keeper struct {
	o    KeeperOptions
	stop context.CancelFunc
	done sync.WaitGroup
}

// NewKeeper makes a keeper; Start and Stop are the caller's.
func NewKeeper(o KeeperOptions) *Keeper {
	o.Log = o.Log.With(slog.String("account", o.Account))
	return &Keeper{o: o}
}

// Start begins to look. It does not wait.
func (k *Keeper) Start() {
	ctx, stop := context.WithCancel(context.Background())
	k.stop = stop
	k.done.Go(func() { k.run(ctx) })
}

// Stop ends it, a listing under way included, and waits. Without Start it does
// nothing.
func (k *Keeper) Stop() {
	if k.stop != nil {
		k.stop()
	}
	k.done.Wait()
}

func (k *Keeper) run(ctx context.Context) {
	tick := time.NewTicker(glance)
	defer tick.Stop()
	var known *Set
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		set, err := k.o.Catalogue.Read(ctx, k.o.Account, known)
		if err != nil {
			continue // Redis is away, which others tell
		}
		if known = set; set.Due() {
			k.refresh(ctx)
		}
	}
}

// refresh lists, if no other process does.
func (k *Keeper) refresh(ctx context.Context) {
	mine, err := k.o.Claim(ctx, "templates", claim)
	if err != nil || !mine {
		return
	}
	bounded, cancel := context.WithTimeout(ctx, claim)
	defer cancel()
	lists := k.o.Source.Lists(bounded)
	if ctx.Err() != nil {
		return
	}
	for _, list := range lists {
		k.tell(list)
	}
	if err := k.o.Catalogue.Store(ctx, k.o.Account, lists); err != nil {
		k.o.Log.Warn("the account's templates were read and could not be kept; they are read again", slog.Any("error", err))
	}
}

func (k *Keeper) tell(list Fetched) {
	if list.Err != nil {
		k.o.Log.Warn("a list of the account's templates could not be read; messages of its kinds are taken unchecked where nothing is known",
			slog.String("list", string(list.Sort)), slog.Any("error", list.Err))
		return
	}
	long := 0
	for _, t := range list.Templates {
		if t.Type == template.LongTerm {
			long++
		}
	}
	k.o.Log.Info("the account's templates were read", slog.String("list", string(list.Sort)), slog.Int("templates", len(list.Templates)), slog.Int("long_term", long))
}
