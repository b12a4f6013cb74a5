package worker

import (
	"context"
	"time"

	"wxdispatch/internal/callback"
	"wxdispatch/internal/config"
	"wxdispatch/internal/inbox"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/metrics"
	"wxdispatch/internal/trace"
	"wxdispatch/internal/wechat/push"
)

// registrar writes what WeChat pushed into one account's book.
type registrar struct {
	account string
	book    *ledger.Ledger
	keep    time.Duration
	// lookAfter is how long a receipt stays without a message before it may end
	// a doubt: the longest that a send may take. 0: it never may, since others
	// send with this appid, too.
	lookAfter time.Duration
	metrics   *metrics.Metrics
	tracer    *trace.Tracer // nil: traces are off
}

func newDrain(name string, cfg config.Account, g ground, window time.Duration) *callback.Drain {
	r := registrar{account: name, book: g.book, keep: g.cfg.Message.Keep, lookAfter: window, metrics: g.metrics, tracer: g.tracer}
	if cfg.Shared {
		r.lookAfter = 0
	}
	return callback.NewDrain(name, inbox.New(g.redis, nil), g.book, r, g.log)
}

// Work writes down receipts, many at once, and users' choices, one push after
// the other.
func (r registrar) Work(ctx context.Context, pushes []push.Push) error {
	receipts := callback.Receipts(pushes)
	receptions, err := r.book.Receive(ctx, r.account, receipts, r.keep, r.lookAfter)
	if err != nil {
		return err
	}
	for i, reception := range receptions {
		if reception != ledger.Known {
			r.metrics.Receipt(r.account, receipts[i].Word)
		}
	}
	r.follow(ctx, receipts, receptions)
	for _, p := range pushes {
		given, rejected := callback.Choices(p, time.Now())
		if err := r.choose(ctx, rejected); err != nil {
			return err
		}
		if len(given) == 0 {
			continue
		}
		if _, err := r.book.AddPermits(ctx, r.account, given); err != nil {
			return err
		}
	}
	return nil
}

func (r registrar) choose(ctx context.Context, rejected []message.Suppression) error {
	if len(rejected) == 0 {
		return nil
	}
	return r.book.SuppressMany(ctx, r.account, rejected)
}

// EndDoubts lets receipts without a message end the doubts that only they can
// mean.
func (r registrar) EndDoubts(ctx context.Context, most int64) error {
	if r.lookAfter == 0 {
		return nil
	}
	_, err := r.book.EndDoubts(ctx, r.account, r.keep, most)
	return err
}
