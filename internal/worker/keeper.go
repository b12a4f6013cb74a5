package worker

import (
	"context"
	"time"

	"wxdispatch/internal/fault"
	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/metrics"
	"wxdispatch/internal/park"
	"wxdispatch/internal/tasks"
)

func newKeeper(a *account, g ground) *park.Keeper {
	lanes := map[message.Kind]park.Lane{}
	for _, l := range a.lanes {
		lanes[l.Kind()] = kindLane{l, a.tender}
	}
	queue := tasks.NewQueue(g.redis)
	return park.New(park.Options{
		Account: a.name, Kinds: a.cfg.Type.Kinds(), Book: g.book, Queues: queue, Lanes: lanes,
		Probe: probe{a, g.book, queue}, Quotas: a.cfg.DailyQuota, Host: g.host, Log: g.log,
	})
}

// probe is how an account finds out whether a park is over.
type probe struct {
	account *account
	book    *ledger.Ledger
	queue   *tasks.Queue
}

// Claim takes the right to probe for a time.
func (p probe) Claim(ctx context.Context, what string, d time.Duration) (bool, error) {
	return p.book.Claim(ctx, p.account.name, what, d)
}

// Oldest returns messages of a kind that wait and have not ended, single ones
// first.
func (p probe) Oldest(ctx context.Context, kind message.Kind, from, n int64) ([]message.Job, bool, error) {
	var jobs []message.Job
	more := false
	for _, lane := range p.account.lanesOf(kind) {
		some, there, err := p.oldest(ctx, lane, from, n)
		if err != nil {
			return nil, false, err
		}
		jobs, more = append(jobs, some...), more || there
	}
	return jobs, more, nil
}

// oldest are those of one lane.
func (p probe) oldest(ctx context.Context, lane message.Lane, from, n int64) ([]message.Job, bool, error) {
	ids, err := p.queue.Oldest(ctx, lane, from, n)
	if err != nil || len(ids) == 0 {
		return nil, false, err
	}
	records, err := p.book.Records(ctx, p.account.name, ids)
	if err != nil {
		return nil, false, err
	}
	var jobs []message.Job
	for i, id := range ids {
		if r := records[i]; r != nil && (r.State.Final() || r.State == message.Sending) {
			continue
		}
		job, err := p.queue.Held(ctx, lane, id)
		if fault.Is(err, fault.Unavailable) {
			return nil, false, err
		}
		if err == nil && job.Message.Lane() == lane {
			jobs = append(jobs, job)
		}
		if len(jobs) == probeJobs {
			break
		}
	}
	return jobs, true, nil
}

// probeJobs is how many messages are read of a page: the first one mostly has
// its say.
const probeJobs = 3

// Handle brings a message on its way.
func (p probe) Handle(ctx context.Context, job message.Job) message.Verdict {
	return p.account.Handle(ctx, job)
}

// laneFigures is what the keepers last saw, for the metrics.
func (w *Worker) laneFigures() (figures []metrics.Lane) {
	for _, a := range w.fleet.all() {
		s := a.keeper.Seen()
		if s == nil {
			continue
		}
		for _, kind := range a.cfg.Type.Kinds() {
			l := metrics.Lane{Account: a.name, Kind: kind, Used: s.Used[kind]}
			l.Limit, l.Limited = a.keeper.Quota(kind)
			open := false
			for _, p := range s.Parks {
				if !p.Holds(kind) {
					continue
				}
				l.Reasons = append(l.Reasons, p.Reason)
				open = open || p.Until.IsZero()
				l.Ends = max(l.Ends, p.Until.Sub(s.Now))
			}
			if open { // nobody knows, whatever the others say
				l.Ends = 0
			}
			figures = append(figures, l)
		}
	}
	return figures
}

// parkedTemplates is what the keepers last saw, for the metrics.
func (w *Worker) parkedTemplates() (all []metrics.ParkedTemplate) {
	for _, a := range w.fleet.all() {
		if s := a.keeper.Seen(); s != nil {
			for _, p := range s.Templates {
				all = append(all, metrics.ParkedTemplate{Account: a.name, Template: p.Template, By: p.By})
			}
		}
	}
	return all
}
