package worker

import (
	"context"
	"time"

	"wxdispatch/internal/dispatch"
	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/sweep"
)

// SweeperAt is a sweeper of an account beside the worker's own, with a clock
// of the test's: its minutes need not be waited for.
func (w *Worker) SweeperAt(account string, now func() time.Time) *sweep.Sweeper {
	a, g := w.account(account), w.ground(w.config())
	g.now = now
	return newSweeper(a, a.cfg, g)
}

// Handle is one more run of a message on this worker, beside asynq's.
func (w *Worker) Handle(ctx context.Context, job message.Job) message.Verdict {
	return w.account(job.Message.Account).Handle(ctx, job)
}

// ShortenOutages makes the parks of an outage short, before Start.
func (w *Worker) ShortenOutages(first, most time.Duration) {
	for _, a := range w.fleet.all() {
		for _, d := range a.dispatchers {
			d.(*dispatch.Dispatcher).Ledger = ledger.New(w.redis, ledger.Outages(first, most))
		}
	}
}

func (w *Worker) account(name string) *account {
	if a := w.fleet.find(name); a != nil {
		return a
	}
	panic("no account " + name)
}

// TokenTrouble and TokenMended are what the token centre tells of an account.
func (w *Worker) TokenTrouble(ctx context.Context, account string, err *fault.Error) {
	w.account(account).tokenHooks().Troubled(ctx, err)
}

func (w *Worker) TokenMended(ctx context.Context, account string) {
	w.account(account).tokenHooks().Mended(ctx, nil)
}
