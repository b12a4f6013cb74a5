package worker

import (
	"context"
	"time"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/sweep"
)

// SweeperAt is a sweeper of an account beside the worker's own, with a clock
// of the test's: its minutes need not be waited for.
func (w *Worker) SweeperAt(account string, now func() time.Time) *sweep.Sweeper {
	a, cfg := w.account(account), w.cfg.Accounts[account]
	return newSweeper(a, cfg, ground{cfg: w.cfg, redis: w.redis, book: newBook(w), now: now, log: w.log})
}

// Handle is one more run of a message on this worker, beside asynq's.
func (w *Worker) Handle(ctx context.Context, job message.Job) message.Verdict {
	return w.account(job.Message.Account).Handle(ctx, job)
}

// ShortenOutages makes the parks of an outage short, before Start.
func (w *Worker) ShortenOutages(first, most time.Duration) {
	for _, a := range w.accounts {
		for _, d := range a.dispatchers {
			d.Ledger = ledger.New(w.redis, ledger.Outages(first, most))
		}
	}
}

func (w *Worker) account(name string) *account {
	for _, a := range w.accounts {
		if a.name == name {
			return a
		}
	}
	panic("no account " + name)
}
