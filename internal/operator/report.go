package operator

import (
	"context"
	"time"

	"wxdispatch/internal/ledger"
	"wxdispatch/internal/message"
	"wxdispatch/internal/registry"
	"wxdispatch/internal/standing"
	"wxdispatch/internal/token"
)

// List tells how all accounts stand, by name.
func (o Operator) List(ctx context.Context) ([]standing.Account, error) {
	all, err := o.Accounts.List(ctx)
	if err != nil {
		return nil, err
	}
	reports := make([]standing.Account, 0, len(all))
	for _, a := range all {
		r, err := o.report(ctx, a)
		if err != nil {
			return nil, err
		}
		reports = append(reports, r)
	}
	return reports, nil
}

// Show tells how an account stands. Errors: NotFound, Unavailable.
func (o Operator) Show(ctx context.Context, account string) (standing.Account, error) {
	a, err := o.Accounts.Find(ctx, account)
	if err != nil {
		return standing.Account{}, err
	}
	return o.report(ctx, a)
}

// Log returns what was done to an account, newest first, up to 500 entries.
func (o Operator) Log(ctx context.Context, account string) ([]ledger.LogEntry, error) {
	if _, err := o.Accounts.Find(ctx, account); err != nil {
		return nil, err
	}
	return o.Book.Log(ctx, account)
}

func (o Operator) report(ctx context.Context, a registry.Account) (standing.Account, error) {
	s, err := o.Book.Look(ctx, a.Name)
	if err != nil {
		return standing.Account{}, err
	}
	doubts, err := o.Book.Doubts(ctx, a.Name)
	if err != nil {
		return standing.Account{}, err
	}
	rate := standing.Rate{Configured: a.Rate, Now: a.Rate}
	switch configured, now, err := o.Rates.Read(ctx, a.Name); {
	case err != nil:
		return standing.Account{}, err
	case configured > 0:
		rate = standing.Rate{Configured: configured, Now: now}
	}
	r := standing.Account{Name: a.Name, Type: a.Type, Kinds: map[message.Kind]standing.Lane{}}
	if err := o.hears(ctx, s.Now, &r); err != nil {
		return standing.Account{}, err
	}
	batches, err := o.Book.BatchLanes(ctx, a.Name)
	if err != nil {
		return standing.Account{}, err
	}
	for _, kind := range a.Type.Kinds() {
		l := standing.Lane{Rate: rate, Quota: quotaOf(a, s, kind)}
		if err := o.waits(ctx, a.Name, kind, batches, &l); err != nil {
			return standing.Account{}, err
		}
		l.Backlog.InDoubt = doubts[kind]
		for _, p := range s.Parks {
			if p.Holds(kind) {
				l.Stop(tell(p))
			}
		}
		r.Kinds[kind] = l
	}
	r.Estimate(s.Now)
	return r, nil
}

// hears fills in what WeChat gives and tells: the token and the receipts.
func (o Operator) hears(ctx context.Context, now time.Time, r *standing.Account) error {
	t, err := o.Tokens.Read(ctx, r.Name)
	if err != nil {
		return err
	}
	r.Token = tokenOf(t)
	counts, err := o.Book.ReceiptCounts(ctx, r.Name, now)
	r.Receipts = standing.Receipts{Statuses: counts.Statuses, LateS: counts.Late.Seconds()}
	return err
}

func tokenOf(t token.Standing) *standing.Token {
	if !t.Present && t.Trouble == nil {
		return nil
	}
	seconds := func(d time.Duration) int { return int(d.Seconds()) }
	told := &standing.Token{Mode: t.Mode, AgeS: seconds(t.Age), ExpiresInS: seconds(t.ExpiresIn), RenewsInS: seconds(t.RenewsIn)}
	if t.Trouble != nil {
		told.Trouble, told.ErrCode, told.TriedInS = t.Trouble.Message, t.Trouble.Code, seconds(t.Trouble.RetryAfter)
	}
	return told
}

// waits fills in what the queues of a kind hold, its batches' included.
func (o Operator) waits(ctx context.Context, account string, kind message.Kind, batches []message.Lane, l *standing.Lane) error {
	lanes := []message.Lane{{Account: account, Kind: kind}}
	for _, batch := range batches {
		if batch.Kind == kind {
			lanes = append(lanes, batch)
		}
	}
	states, oldest, err := o.Queues.Backlog(ctx, lanes...)
	if err != nil {
		return err
	}
	l.Backlog = standing.Backlog{Pending: states["pending"], Scheduled: states["scheduled"], Waiting: states["waiting"]}
	l.OldestS = int(oldest.Seconds())
	l.State = standing.Running
	paused, err := o.Queues.Paused(ctx, message.Lane{Account: account, Kind: kind})
	if paused {
		l.State = standing.Paused
	}
	return err
}

func quotaOf(a registry.Account, s ledger.Standing, kind message.Kind) standing.Quota {
	q := standing.Quota{Used: s.Used[kind], ResetsAt: s.ResetsAt}
	most, limited := a.Quotas[kind]
	if set, over := s.Quotas[kind]; over {
		most, limited = set, set >= 0
	}
	if limited {
		q.Limit = &most
	}
	return q
}

func tell(p ledger.Parked) standing.Park {
	told := standing.Park{
		By: p.Info.By, Who: p.Info.Who, Reason: p.Reason, Words: words(p), AllKinds: p.Kind == "",
		ErrCode: p.Info.ErrCode, ErrMsg: p.Info.ErrMsg, RID: p.Info.RID, Host: p.Info.Host,
		Since: p.Since, Until: p.Until, NextProbe: p.Next,
	}
	switch {
	case p.Reason == ledger.Operator:
		told.By, told.Reason, told.NextProbe = standing.Person, p.Info.Words, time.Time{}
	case p.Reason == ledger.Quota:
		told.NextProbe = time.Time{}
	}
	if told.By == "" {
		told.By = "wechat"
	}
	return told
}
